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

/// Calls visit(value) with every value that the Cookie header lines give for `name`, in order,
/// until it returns false. Reads as Go's net/http does: names match exactly, a value in double
/// quotes loses them, one with a byte that no cookie may have is passed over. Linear, allocates
/// nothing.
template <class Visit>
void for_each_cookie(std::span<const std::string_view> lines, std::string_view name, Visit visit);

/// The same, with values of any bytes: for who checks them anyway.
template <class Visit>
void for_each_cookie_text(std::span<const std::string_view> lines, std::string_view name,
                          Visit visit);

/// The tokens that a request's cookies offer.
struct token_candidates {
  static constexpr std::size_t max_count = 4;

  std::array<std::optional<token>, max_count> tokens;  // braces would fill it with zeros first
  std::size_t count = 0;

  /// Those beyond, which open no session; but a logout ends them.
  static constexpr std::size_t max_excess = 60;
  std::vector<token> excess{};

  /// Adds one that is not there yet. False if no more are taken.
  bool add(const token& candidate);
};

token_candidates find_tokens(std::span<const std::string_view> lines, std::string_view name);

/// The same for values that are no tokens: at most as many, each once, those of more than
/// `max_size` bytes passed over.
std::vector<std::string> find_values(std::span<const std::string_view> lines, std::string_view name,
                                     std::size_t max_size);

/// The value of a Set-Cookie header, attributes in Go's order: Path, Domain, Expires, Max-Age,
/// HttpOnly, Secure, SameSite, Partitioned.
struct set_cookie {
  std::string_view name{};
  std::string_view value{};
  std::string_view path{};
  std::string_view domain{};
  /// To the second.
  std::optional<time_point> expires{};
  /// Zero or less is written as 0: the browser drops the cookie.
  std::optional<std::chrono::seconds> max_age{};
  bool http_only = false;
  bool secure = false;
  same_site_policy same_site = same_site_policy::unset;
  bool partitioned = false;
};

/// Expects what validate_cookie() accepts, and a value without control characters.
std::string to_header_value(const set_cookie& cookie);

/// Options whose name is filled in, and that browsers take. Throws scs::error (invalid_options),
/// naming the field.
cookie_options validate_cookie(cookie_options options);

// --- implementation ---

/// What a token of HTTP may have: RFC 9110's tchar. Names of cookies and headers are such tokens.
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
      // Go's textproto.TrimString takes the same characters off.
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
