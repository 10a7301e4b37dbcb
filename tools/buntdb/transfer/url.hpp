#pragma once

#include <map>
#include <string>
#include <string_view>

/// scheme://[user[:password]@]hosts[/path][?name=value&…], with percent signs decoded but in
/// `authority` and `path`.
struct url {
  std::string scheme{};
  std::string user{};
  std::string password{};
  /// Hosts with their ports.
  std::string hosts{};
  /// Without the slash that begins it.
  std::string path{};
  std::map<std::string, std::string> options{};

  /// Takes the option away; `otherwise` if there is none.
  std::string take(const std::string& name, std::string otherwise);
  /// What may be shown: without user, password and options.
  std::string shown() const;
};

/// Throws usage_error, which does not repeat the URL: a password may be in it.
url parse_url(std::string_view text);

/// With what the grammar of URLs reserves as %NN.
std::string percent_encoded(std::string_view text);
