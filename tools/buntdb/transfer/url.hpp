#pragma once

#include <map>
#include <string>
#include <string_view>

/// scheme://[user[:password]@]hosts[/path][?name=value&…], with percent signs decoded except in
/// `authority` and `path`.
struct url {
  std::string scheme{};
  std::string user{};
  std::string password{};
  /// Hosts with their ports.
  std::string hosts{};
  /// Without the leading slash.
  std::string path{};
  std::map<std::string, std::string> options{};

  /// Removes the option and returns its value, or `otherwise` if there is none.
  std::string take(const std::string& name, std::string otherwise);
  /// Returns the part that may be shown: without user, password and options.
  std::string shown() const;
};

/// Throws usage_error, which does not repeat the URL, because the URL may contain a password.
url parse_url(std::string_view text);

/// Returns the text with the characters that URLs reserve written as %NN.
std::string percent_encoded(std::string_view text);
