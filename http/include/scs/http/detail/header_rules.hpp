#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <scs/error.hpp>
#include <scs/header.hpp>

// What every adapter must know about headers, whatever types its library uses.

namespace scs::http::detail {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool same_text(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Whether a comma-separated list has this member, ignoring letter case.
constexpr bool lists(std::string_view list, std::string_view member) noexcept {
  while (true) {
    const std::size_t comma = list.find(',');
    if (same_text(trimmed(list.substr(0, comma)), member)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// The name of the cookie that a Set-Cookie line sets.
constexpr std::string_view name_of_cookie(std::string_view line) noexcept {
  return trimmed(line.substr(0, line.find_first_of("=;")));
}

/// Whether a response with this status may have a body (RFC 9110, 6.4.1).
constexpr bool may_have_body(int status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

/// Whether the text is a single line, so that nothing in it can start another header or a body.
constexpr bool is_one_line(std::string_view text) noexcept {
  constexpr std::string_view::size_type none = std::string_view::npos;
  return text.find('\r') == none && text.find('\n') == none && text.find('\0') == none;
}

/// Throws scs::error unless the header can be sent unchanged. scs guarantees that. The check makes
/// sure that the HTTP library never has to drop, cut or split a header.
inline void check_header(const header& header) {
  if (header.name.empty() || !is_one_line(header.name) || !is_one_line(header.value)) {
    throw error(errc::invalid_value, "a session's response header has a line break or a NUL in it");
  }
}

}  // namespace scs::http::detail
