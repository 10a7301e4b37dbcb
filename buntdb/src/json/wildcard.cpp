#include "json/wildcard.hpp"

#include <cstddef>

namespace buntdb::json {

namespace {

/// Bytes of the character that begins here, 1 if the bytes are no UTF-8.
std::size_t character_size(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t size = 1;
  if (first >= 0xc2 && first < 0xe0) size = 2;
  if (first >= 0xe0 && first < 0xf0) size = 3;
  if (first >= 0xf0 && first < 0xf5) size = 4;
  if (size > text.size()) return 1;
  for (const char c : text.substr(1, size - 1)) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) return 1;
  }
  return size;
}

}  // namespace

bool wildcard_matches(std::string_view pattern, std::string_view text) noexcept {
  // Behind the last star, and what it has to cover at least: only that star is ever tried again.
  bool star = false;
  std::string_view behind_star;
  std::string_view covered_by_star;
  while (!text.empty()) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star = true;
      behind_star = pattern;
      covered_by_star = text;
      continue;
    }
    if (!pattern.empty() && pattern.front() == '?') {
      pattern.remove_prefix(1);
      text.remove_prefix(character_size(text));
      continue;
    }
    const std::size_t escape = pattern.size() > 1 && pattern.front() == '\\' ? 1 : 0;
    if (!pattern.empty() && pattern[escape] == text.front()) {
      pattern.remove_prefix(escape + 1);
      text.remove_prefix(1);
      continue;
    }
    if (!star) return false;
    covered_by_star.remove_prefix(character_size(covered_by_star));
    text = covered_by_star;
    pattern = behind_star;
  }
  return pattern.find_first_not_of('*') == std::string_view::npos;
}

}  // namespace buntdb::json
