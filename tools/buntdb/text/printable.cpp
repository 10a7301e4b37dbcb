#include "text/printable.hpp"

#include <array>
#include <cstdio>

#include <buntstore/internal/printable.hpp>

std::string printable(std::string_view bytes) {
  std::string text;
  buntstore::text::divide_printable(
      bytes,
      [&](std::string_view plain) {
        for (const char c : plain)
          text.append(c == '\\' ? 2 : 1, c);
      },
      [&](std::string_view special) { buntstore::text::append_hex_escapes(text, special); });
  return text;
}

std::string printable_message(std::string_view message) {
  return buntstore::text::escaped(message);
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
