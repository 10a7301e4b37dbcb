#pragma once

#include <algorithm>
#include <string_view>

namespace buntdb::text {

/// ASCII only: other bytes are returned unchanged, whatever the locale is.
constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Returns the text without the characters at both ends for which is_space(c) is true.
template <class Predicate>
constexpr std::string_view trimmed(std::string_view text, Predicate is_space) noexcept {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

}  // namespace buntdb::text
