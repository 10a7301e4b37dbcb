#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Several parts of the project share the headers in this folder. They are not installed.

namespace buntstore::base64 {

/// The alphabets of RFC 4648, sections 4 and 5.
inline constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Maps each character to the six bits that it stands for, or to -1.
constexpr std::array<std::int8_t, 256> digits_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}

/// In a table of digits, marks a character that decode() skips.
inline constexpr std::int8_t skipped = -2;

inline constexpr auto standard_digits = digits_of(standard_alphabet);
inline constexpr auto url_digits = digits_of(url_alphabet);

/// Returns whether all characters of a text of fixed size are digits, without a branch for each.
template <std::size_t Size>
bool all_digits(const char* text, const std::array<std::int8_t, 256>& digits) noexcept {
  const auto any_negative = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (digits[static_cast<unsigned char>(text[I])] | ...);
  };
  return any_negative(std::make_index_sequence<Size>()) >= 0;
}

/// Returns the number of digits for this many bytes, without padding.
constexpr std::size_t digit_count(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 * 8 + 5) / 6;
}

/// Writes the digits of `size` bytes, without padding, to `out`. Returns the end of what it wrote.
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

template <class Out>
Out encode(std::string_view bytes, std::string_view alphabet, Out out) {
  return encode(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), alphabet, out);
}

/// Appends the digits of `bytes`, and the `=` that complete the last group of four.
inline void append_padded(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  encode(bytes, standard_alphabet, std::back_inserter(out));
  out.append((3 - bytes.size() % 3) % 3, '=');
}

/// Decodes `text`, which consists of digits without padding, and appends the bytes to a string or a
/// vector. Returns the bits left over, which are 0 if encode() made the text. Returns nothing if a
/// character is not a digit.
template <class Bytes>
std::optional<unsigned> decode(std::string_view text, const std::array<std::int8_t, 256>& digits,
                               Bytes& out) {
  unsigned group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::int8_t digit = digits[static_cast<unsigned char>(c)];
    if (digit == skipped) continue;
    if (digit < 0) return std::nullopt;
    group = (group << 6 | static_cast<unsigned char>(digit)) & 0xFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<typename Bytes::value_type>(group >> bits & 0xFF));
    }
  }
  // Six bits left over mean a superfluous digit.
  return bits == 6 ? 64 : group & ((1U << bits) - 1);
}

}  // namespace buntstore::base64
