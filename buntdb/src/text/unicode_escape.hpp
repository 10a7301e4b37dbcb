#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace buntdb::text {

/// Returns the number of the escape `\uXXXX` at the beginning of a text; nothing if there is none.
inline std::optional<std::uint32_t> unicode_escape(std::string_view text) noexcept {
  constexpr std::size_t size = 6;
  if (text.size() < size || !text.starts_with("\\u")) return std::nullopt;
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data() + 2, text.data() + size, number, 16);
  if (parsed.ptr != text.data() + size) return std::nullopt;
  return number;
}

constexpr bool is_surrogate(std::uint32_t unit) noexcept {
  return unit >= 0xD800 && unit < 0xE000;
}

/// Returns whether the two are the UTF-16 encoding of one code point.
constexpr bool is_surrogate_pair(std::uint32_t high, std::uint32_t low) noexcept {
  return high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000;
}

constexpr std::uint32_t join_surrogates(std::uint32_t high, std::uint32_t low) noexcept {
  return 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
}

/// Replaces half of a pair.
inline constexpr std::uint32_t replacement_character = 0xFFFD;

}  // namespace buntdb::text
