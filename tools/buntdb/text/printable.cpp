#include "text/printable.hpp"

#include <array>
#include <cstdio>

#include <buntstore/internal/hex.hpp>
#include <buntstore/internal/utf8.hpp>

namespace {

/// C0, DEL, and C1 (U+0080 to U+009F), which terminals obey too.
bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = buntstore::text::utf8_sequence(bytes);
    const std::string_view character = bytes.substr(0, size == 0 ? 1 : size);
    if (character == "\\") {
      text += "\\\\";
    } else if (size != 0 && !is_control(character)) {
      text += character;
    } else {
      for (const char c : character) {
        text += "\\x";
        buntstore::text::append_hex(text, static_cast<unsigned char>(c));
      }
    }
    bytes.remove_prefix(character.size());
  }
  return text;
}

std::string short_size_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < units.size()) {
    size /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.1f %s", size, units[unit]));
  return text.data();
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return short_size_text(bytes);
  return short_size_text(bytes) + " (" + std::to_string(bytes) + " bytes)";
}
