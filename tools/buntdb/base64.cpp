#include "base64.hpp"

#include <cstdint>

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8U | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text.push_back(j <= group.size() ? alphabet[bits >> (18U - 6U * j) & 63U] : '=');
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  unsigned digits = 0;   // in the group of four
  unsigned padding = 0;  // among them
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (padding > 0 && digits == 0) return std::nullopt;  // nothing follows padding
    std::size_t value = 0;
    if (c == '=') {
      if (digits < 2) return std::nullopt;
      ++padding;
    } else {
      value = alphabet.find(c);
      if (value == std::string_view::npos || padding > 0) return std::nullopt;
    }
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    if (++digits < 4) continue;
    if ((bits & ((1U << 8U * padding) - 1U)) != 0) return std::nullopt;
    for (unsigned i = 0; i + padding < 3; ++i) {
      bytes.push_back(static_cast<char>(bits >> (16U - 8U * i) & 255U));
    }
    bits = 0;
    digits = 0;
  }
  if (digits != 0) return std::nullopt;
  return bytes;
}
