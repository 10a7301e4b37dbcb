#include "text/glob.hpp"

#include <cstddef>

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
        return;
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
}

bool glob::fits(std::uint32_t wanted, std::uint32_t code) const noexcept {
  return wanted == any_character || wanted == (ignores_case_ ? text::to_lower(code) : code);
}

bool glob::matches(std::string_view key) const noexcept {
  if (!key.starts_with(prefix_)) return false;
  key.remove_prefix(prefix_.size());

  // When something does not fit, the last star takes one character more; earlier stars need not be
  // tried again, because what stands between two stars is found where it occurs first.
  std::size_t at = 0;
  std::size_t behind_star = 0;  // 0: no star yet
  std::string_view after_star;  // what is left of the key where that star ends now
  for (;;) {
    if (at < rest_.size() && rest_[at] == any_text) {
      behind_star = ++at;
      if (at == rest_.size()) return true;
      after_star = key;
      continue;
    }
    if (key.empty()) return at == rest_.size();
    if (at < rest_.size()) {
      const text::character next = text::decode(key);
      if (fits(rest_[at], next.code)) {
        ++at;
        key.remove_prefix(next.size);
        continue;
      }
    }
    if (behind_star == 0) return false;
    after_star.remove_prefix(text::decode(after_star).size);
    key = after_star;
    at = behind_star;
  }
}

bool matches(std::string_view pattern, std::string_view text) {
  return glob(pattern).matches(text);
}

}  // namespace buntdb
