#include "base64url.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace scs::stores {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_table() {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr auto digits = digit_table();

constexpr unsigned bits_per_digit = 6;
constexpr unsigned bits_per_byte = 8;

}  // namespace

std::string to_base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * bits_per_byte + bits_per_digit - 1) / bits_per_digit);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    pending = pending << bits_per_byte | static_cast<unsigned char>(byte);
    bits += bits_per_byte;
    while (bits >= bits_per_digit) {
      bits -= bits_per_digit;
      text += alphabet[pending >> bits & 63U];
    }
  }
  if (bits > 0) text += alphabet[pending << (bits_per_digit - bits) & 63U];
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * bits_per_digit / bits_per_byte);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
    if (digit == no_digit) return std::nullopt;
    pending = pending << bits_per_digit | digit;
    bits += bits_per_digit;
    if (bits >= bits_per_byte) {
      bits -= bits_per_byte;
      bytes += static_cast<char>(pending >> bits & 0xFFU);
    }
  }
  // What is left over must be padding of less than a digit, and zero.
  if (bits >= bits_per_digit || (pending & ((1U << bits) - 1U)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace scs::stores
