#include "text/glob.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include <buntdb/error.hpp>
#include <buntdb/match.hpp>

#include "text/lower_case.hpp"
#include "text/utf8.hpp"

namespace buntdb {

glob::glob(std::string_view pattern, letter_case how) : ignores_case_(how == letter_case::ignored) {
  bool after_star = false;
  while (!pattern.empty()) {
    text::character next = text::decode(pattern);
    bool literal = false;
    if (next.code == '\\') {
      literal = true;
      if (pattern.size() > 1) {
        pattern.remove_prefix(1);
        next = text::decode(pattern);
      } else if (!after_star) {
        rest_.push_back(nothing);
        return;  // before any star
      }
    } else if (next.code == '*') {
      after_star = true;
      if (rest_.empty() || rest_.back() != any_text) rest_.push_back(any_text);
    } else if (next.code == '?') {
      rest_.push_back(any_character);
    } else {
      literal = true;
    }
    if (literal && rest_.empty() && !ignores_case_) {
      prefix_ += pattern.substr(0, next.size);
    } else if (literal) {
      rest_.push_back(ignores_case_ ? text::to_lower(next.code) : next.code);
    }
    pattern.remove_prefix(next.size);
  }
  link_parts();
}

std::size_t glob::end_of_part(std::size_t begin) const noexcept {
  const auto first = rest_.begin() + static_cast<std::ptrdiff_t>(begin);
  return static_cast<std::size_t>(std::find(first, rest_.end(), any_text) - rest_.begin());
}

void glob::link_parts() {
  std::size_t star = end_of_part(0);
  if (star + 1 >= rest_.size()) return;
  links_.resize(rest_.size());
  while (star < rest_.size()) {
    const std::size_t begin = star + 1;
    star = end_of_part(begin);
    link_part(begin, star);
  }
}

void glob::link_part(std::size_t begin, std::size_t end) {
  const auto at = [this](std::size_t i) { return rest_.begin() + static_cast<std::ptrdiff_t>(i); };
  if (std::find(at(begin), at(end), any_character) != at(end)) {
    if (end - begin > max_part_with_any) {
      throw error(errc::invalid_argument,
                  "a pattern has more than " + std::to_string(max_part_with_any) +
                      " characters, a ? among them, between two * or after the last one");
    }
    links_[begin] = has_any;
    return;
  }
  std::uint32_t same = 0;
  for (std::size_t i = begin + 1; i < end; ++i) {
    while (same != 0 && rest_[begin + same] != rest_[i])
      same = links_[begin + same - 1];
    if (rest_[begin + same] == rest_[i]) ++same;
    links_[i] = same;
  }
}

std::uint32_t glob::code_of(std::uint32_t code) const noexcept {
  return ignores_case_ ? text::to_lower(code) : code;
}

bool glob::fits(std::uint32_t wanted, std::uint32_t code) const noexcept {
  return wanted == any_character || wanted == code_of(code);
}

/// Matches the part before the first star, which is at `end`, and removes it from the front of the
/// key.
bool glob::take_front(std::size_t end, std::string_view& key) const noexcept {
  for (std::size_t at = 0; at < end; ++at) {
    if (key.empty()) return false;
    const text::character next = text::decode(key);
    if (!fits(rest_[at], next.code)) return false;
    key.remove_prefix(next.size);
  }
  return true;
}

/// Removes everything up to the end of the first occurrence of the part from the key. The last part
/// must be at the end of the key.
bool glob::find_part(std::size_t begin, std::size_t end, std::string_view& key) const noexcept {
  if (links_[begin] == has_any) return try_part_everywhere(begin, end, key);
  const bool is_last = end == rest_.size();
  const std::size_t size = end - begin;
  std::size_t same = 0;  // this many characters of the part precede `key`
  while (!key.empty()) {
    const text::character next = text::decode(key);
    const std::uint32_t code = code_of(next.code);
    key.remove_prefix(next.size);
    if (same == size) same = links_[end - 1];
    while (same != 0 && rest_[begin + same] != code)
      same = links_[begin + same - 1];
    if (rest_[begin + same] == code) ++same;
    if (same == size && !is_last) return true;
  }
  return same == size;
}

bool glob::try_part_everywhere(std::size_t begin, std::size_t end,
                               std::string_view& key) const noexcept {
  const bool is_last = end == rest_.size();
  for (;;) {
    std::string_view left = key;
    std::size_t at = begin;
    while (at < end && !left.empty()) {
      const text::character next = text::decode(left);
      if (!fits(rest_[at], next.code)) break;
      left.remove_prefix(next.size);
      ++at;
    }
    if (at == end && (!is_last || left.empty())) {
      key = left;
      return true;
    }
    if (left.empty()) return false;  // what follows is even shorter
    key.remove_prefix(text::decode(key).size);
  }
}

// A part between two stars is matched at its first occurrence: if the rest matches after a later
// occurrence, it also matches after the first one.
bool glob::matches(std::string_view key) const noexcept {
  if (!key.starts_with(prefix_)) return false;
  key.remove_prefix(prefix_.size());
  std::size_t star = end_of_part(0);
  if (!take_front(star, key)) return false;
  if (star == rest_.size()) return key.empty();
  while (star + 1 < rest_.size()) {
    const std::size_t begin = star + 1;
    star = end_of_part(begin);
    if (!find_part(begin, star, key)) return false;
    if (star == rest_.size()) return true;
  }
  return true;  // the pattern ends with a star
}

bool matches(std::string_view pattern, std::string_view text) {
  return glob(pattern).matches(text);
}

}  // namespace buntdb
