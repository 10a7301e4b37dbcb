#include "printable.hpp"

#include <array>
#include <cstdio>

namespace {

/// The length of the UTF-8 character that the bytes begin with; 0 if they do not begin with one.
/// Follows table 3-7 of the Unicode standard, well-formed byte sequences.
std::size_t character_size(std::string_view bytes) noexcept {
  const auto at = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
  };
  const auto within = [](unsigned byte, unsigned from, unsigned to) {
    return byte >= from && byte <= to;
  };
  const auto continues = [&](std::size_t i) { return within(at(i), 0x80, 0xbf); };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (within(first, 0xc2, 0xdf)) return continues(1) ? 2 : 0;
  if (within(first, 0xe0, 0xef)) {
    const bool second =
        within(at(1), first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && continues(2);
    return second ? 3 : 0;
  }
  if (within(first, 0xf0, 0xf4)) {
    const bool second = within(at(1), first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) &&
                        continues(2) && continues(3);
    return second ? 4 : 0;
  }
  return 0;
}

/// C0, DEL, and C1 (U+0080 to U+009F), which terminals obey too.
bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

std::string printable(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    const std::string_view character = bytes.substr(0, size == 0 ? 1 : size);
    if (character == "\\") {
      text += "\\\\";
    } else if (size != 0 && !is_control(character)) {
      text += character;
    } else {
      for (const char c : character) {
        const auto byte = static_cast<unsigned char>(c);
        text += "\\x";
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
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
