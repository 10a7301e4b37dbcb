#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace buntdb::text {

/// One character of a text, and its size in bytes: a code point or, for a byte that begins no valid
/// UTF-8 sequence, invalid_byte plus that byte. So two texts are equal if and only if their
/// characters are, whatever bytes they contain.
struct character {
  static constexpr std::uint32_t invalid_byte = 0x110000;

  std::uint32_t code;
  std::uint32_t size;
};

/// Returns the first character of a text, which must not be empty.
inline character decode(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const character invalid{character::invalid_byte + first, 1};
  const std::uint32_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return invalid;
  std::uint32_t code = first & (0x7FU >> size);
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return invalid;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  // Overlong, a surrogate, or beyond the last code point.
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[size] || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) return invalid;
  return {code, size};
}

/// Appends a code point, which must be at most 0x10FFFF and not a surrogate.
inline void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  const auto trail = [&](unsigned shift) { put(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    trail(0);
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    trail(6);
    trail(0);
  } else {
    put(0xF0U | (code >> 18U));
    trail(12);
    trail(6);
    trail(0);
  }
}

}  // namespace buntdb::text
