#include "report/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bench {

namespace {

std::string number_text(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string three_figures(double value) {
  return number_text(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

}  // namespace

std::string value_text(double value, unit unit) {
  if (unit == unit::count) return number_text(value, 0) + " ";
  if (unit == unit::bytes) return number_text(value, 0) + " B ";
  if (value < 999.5) return three_figures(value) + " ns";
  if (value < 999.5e3) return three_figures(value / 1e3) + " µs";
  if (value < 999.5e6) return three_figures(value / 1e6) + " ms";
  return three_figures(value / 1e9) + " s ";
}

std::string ratio_text(double ratio) {
  return ratio < 100 ? three_figures(ratio) : number_text(ratio, 0);
}

std::string count_text(std::size_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, 1, ',');
  return text;
}

std::string percent_text(double share) {
  return std::to_string(std::lround(share * 100)) + " %";
}

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, letters(text)), ' ') + text;
}

std::string padded_right(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, letters(text)), ' ');
}

void print_line(const std::string& text) {
  std::printf("%s\n", text.c_str());
}

void print_facts(const std::string& title, const facts& all, std::size_t width) {
  print_line(title);
  for (const auto& [name, value] : all)
    print_line("  " + padded_right(name, width) + value);
}

}  // namespace bench
