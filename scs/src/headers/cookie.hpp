#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <buntstore/internal/ascii.hpp>
#include <scs/clock.hpp>
#include <scs/options.hpp>
#include <scs/token.hpp>

namespace scs {

/// Calls visit(value) with every value that the Cookie header lines have for `name`, in order,
/// until it returns false. Reads as Go's net/http does: names match exactly, double quotes around a
/// value are removed, and a value with a byte that is not allowed in cookies is ignored. Takes
/// linear time and allocates nothing.
template <class Visit>
void for_each_cookie(std::span<const std::string_view> lines, std::string_view name, Visit visit);

/// The same, but values may contain any bytes. For callers that check the values themselves.
template <class Visit>
void for_each_cookie_text(std::span<const std::string_view> lines, std::string_view name,
                          Visit visit);

/// The tokens that a request's cookies contain.
struct token_candidates {
  static constexpr std::size_t max_count = 4;

  std::array<std::optional<token>, max_count> tokens;  // no braces: they would zero it
  std::size_t count = 0;

  /// Further tokens. They open no session, but a logout ends their sessions.
  static constexpr std::size_t max_excess = 60;
  std::vector<token> excess{};

  /// Adds a token unless it is there. Returns false when no more tokens are accepted.
  bool add(const token& candidate);
};

token_candidates find_tokens(std::span<const std::string_view> lines, std::string_view name);

/// The same for values that are not tokens: at most as many, each once, ignoring those of more than
/// `max_size` bytes.
std::vector<std::string> find_values(std::span<const std::string_view> lines, std::string_view name,
                                     std::size_t max_size);

/// The value of a Set-Cookie header. The attributes are in Go's order: Path, Domain, Expires,
/// Max-Age, HttpOnly, Secure, SameSite, Partitioned.
struct set_cookie {
  std::string_view name{};
  std::string_view value{};
  std::string_view path{};
  std::string_view domain{};
  /// Written with a precision of a second.
  std::optional<time_point> expires{};
  /// Zero or less is written as 0, which makes the browser drop the cookie.
  std::optional<std::chrono::seconds> max_age{};
  bool http_only = false;
  bool secure = false;
  same_site_policy same_site = same_site_policy::unset;
  bool partitioned = false;
};

/// Requires options that validate_cookie() accepts, and a value without control characters.
std::string to_header_value(const set_cookie& cookie);

/// Returns the options with their name filled in. Throws scs::error (invalid_options), whose
/// message names the option, if browsers would not accept them.
cookie_options validate_cookie(cookie_options options);

// --- implementation ---

/// Whether the byte is allowed in a token of HTTP: RFC 9110's tchar. Names of cookies and headers
/// are such tokens.
bool is_header_name_byte(char c) noexcept;

constexpr bool is_cookie_value_byte(char c) noexcept {
  return c >= 0x20 && c < 0x7F && c != '"' && c != ';' && c != '\\';
}

template <class Visit>
void for_each_cookie_text(std::span<const std::string_view> lines, std::string_view name,
                          Visit visit) {
  for (std::string_view line : lines) {
    while (!line.empty()) {
      const std::size_t semicolon = line.find(';');
      // Removes the same characters as Go's textproto.TrimString.
      const std::string_view part = buntstore::text::trimmed(line.substr(0, semicolon));
      line = semicolon == std::string_view::npos ? std::string_view{} : line.substr(semicolon + 1);
      if (!part.starts_with(name)) continue;
      std::string_view value = part.substr(name.size());
      if (!value.empty()) {
        if (value[0] != '=') continue;
        value.remove_prefix(1);
      }
      if (value.size() > 1 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      if (!visit(value)) return;
    }
  }
}

template <class Visit>
void for_each_cookie(std::span<const std::string_view> lines, std::string_view name, Visit visit) {
  for_each_cookie_text(lines, name, [&](std::string_view value) {
    return !std::all_of(value.begin(), value.end(), is_cookie_value_byte) || visit(value);
  });
}

}  // namespace scs
