#include "output/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace {

bool begins_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
}

}  // namespace

std::size_t terminal_width() {
  constexpr std::size_t usual = 80;
  if (const char* wanted = std::getenv("COLUMNS"); wanted != nullptr) {
    const std::string_view text = wanted;
    std::size_t columns = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), columns);
    if (problem == std::errc() && end == text.data() + text.size() && columns > 0) return columns;
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return usual;
}

std::size_t columns_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t size = 0;
  for (std::size_t left = columns; size < text.size(); ++size) {
    if (begins_character(text[size]) && left-- == 1) break;
  }
  return std::string(text.substr(0, size)) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string out(text);
  const std::size_t taken = columns_of(text);
  if (taken < columns) out.append(columns - taken, ' ');
  return out;
}

std::string bar(double part, double whole, std::size_t columns) {
  constexpr std::array eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(whole > 0) || !(part > 0)) return {};
  const double share = std::min(1.0, part / whole);
  // A part that is not zero is always visible.
  const auto steps = std::max<std::size_t>(
      1, static_cast<std::size_t>(share * static_cast<double>(columns) * eighths.size()));
  std::string out;
  for (std::size_t full = steps / eighths.size(); full > 0; --full)
    out += "█";
  return out + eighths[steps % eighths.size()];
}

bool shows_colours(const output& out) {
  if (!out.terminal()) return false;
  const char* refused = std::getenv("NO_COLOR");
  if (refused != nullptr && *refused != '\0') return false;
  const char* kind = std::getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb";
}

std::string coloured(std::string_view text, colour which, bool shown) {
  if (!shown) return std::string(text);
  constexpr std::array codes{"\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[1m"};
  return codes[static_cast<std::size_t>(which)] + std::string(text) + "\x1b[0m";
}
