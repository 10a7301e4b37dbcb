#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace buntstore::text {

inline constexpr std::string_view hex_digits = "0123456789abcdef";

/// Appends the two digits of the byte.
inline void append_hex(std::string& out, unsigned char byte) {
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 15];
}

/// Returns the value of the four hexadecimal digits at the beginning of the text, or nothing if it
/// does not begin with four.
inline std::optional<unsigned> four_hex_digits(std::string_view text) noexcept {
  unsigned code = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + 4, code, 16);
  if (failure != std::errc{} || end != text.data() + 4) return std::nullopt;
  return code;
}

}  // namespace buntstore::text
