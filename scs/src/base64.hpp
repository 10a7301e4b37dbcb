#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace scs::base64 {

inline constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Which six bits a character stands for; -1 if none.
constexpr std::array<std::int8_t, 256> digits_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}

/// Writes the digits of `size` bytes, without padding, from `out` on; gives where it ended.
template <class Out>
Out encode(const unsigned char* bytes, std::size_t size, std::string_view alphabet, Out out) {
  std::size_t i = 0;
  for (; i + 3 <= size; i += 3) {
    const unsigned group = static_cast<unsigned>(bytes[i]) << 16 |
                           static_cast<unsigned>(bytes[i + 1]) << 8 | bytes[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6)
      *out++ = alphabet[group >> shift & 63];
  }
  if (i < size) {
    const bool two = i + 1 < size;
    const unsigned group = static_cast<unsigned>(bytes[i]) << 16 |
                           (two ? static_cast<unsigned>(bytes[i + 1]) << 8 : 0U);
    *out++ = alphabet[group >> 18 & 63];
    *out++ = alphabet[group >> 12 & 63];
    if (two) *out++ = alphabet[group >> 6 & 63];
  }
  return out;
}

}  // namespace scs::base64
