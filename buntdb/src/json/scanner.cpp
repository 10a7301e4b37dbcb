#include "json/scanner.hpp"

#include <array>

namespace buntdb::json {

namespace {

// The classes of bytes for the loops below.
constexpr unsigned char ends_string_run = 1;  // quote, backslash
constexpr unsigned char ends_nested_run = 2;  // quote, brackets, braces
constexpr unsigned char ends_number = 4;      // space, comma, closing bracket or brace

constexpr std::array<unsigned char, 256> classes = [] {
  std::array<unsigned char, 256> made{};
  made['"'] = ends_string_run | ends_nested_run;
  made['\\'] = ends_string_run;
  for (const char c : {'{', '[', '}', ']'})
    made[static_cast<unsigned char>(c)] |= ends_nested_run;
  for (const char c : {'}', ']', ',', ':'})
    made[static_cast<unsigned char>(c)] |= ends_number;
  for (unsigned c = 0; c <= ' '; ++c)
    made[c] |= ends_number;
  return made;
}();

bool is(char c, unsigned char what) noexcept {
  return (classes[static_cast<unsigned char>(c)] & what) != 0;
}

}  // namespace

/// Moves from the opening quote past the closing one. Returns whether there were escapes.
bool scanner::skip_string() noexcept {
  bool escaped = false;
  for (++at_; at_ != end_; ++at_) {
    if (!is(*at_, ends_string_run)) continue;
    if (*at_ == '"') {
      ++at_;
      return escaped;
    }
    escaped = true;
    if (++at_ == end_) break;
  }
  return escaped;
}

void scanner::skip_nested() noexcept {
  std::size_t depth = 0;
  while (at_ != end_) {
    if (!is(*at_, ends_nested_run)) {
      ++at_;
      continue;
    }
    switch (*at_) {
      case '"':
        skip_string();
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      default:
        --depth;
        break;
    }
    ++at_;
    if (depth == 0) return;
  }
}

bool scanner::next_element() noexcept {
  while (at_ != end_ && (static_cast<unsigned char>(*at_) <= ' ' || *at_ == ','))
    ++at_;
  if (at_ == end_) return false;
  if (*at_ != ']') return true;
  ++at_;
  return false;
}

bool scanner::next_member(member_key& key) noexcept {
  while (at_ != end_ && (static_cast<unsigned char>(*at_) <= ' ' || *at_ == ','))
    ++at_;
  if (at_ == end_) return false;
  if (*at_ != '"') {
    at_ = *at_ == '}' ? at_ + 1 : end_;
    return false;
  }
  const char* const first = at_ + 1;
  key.escaped = skip_string();
  if (at_ == end_) return false;
  key.inside = {first, static_cast<std::size_t>(at_ - 1 - first)};
  while (at_ != end_ && (static_cast<unsigned char>(*at_) <= ' ' || *at_ == ':'))
    ++at_;
  return at_ != end_;
}

std::string_view scanner::read_value() noexcept {
  const char* const first = at_;
  const char c = peek();
  if (c == '"') {
    skip_string();
  } else if (c == '{' || c == '[') {
    skip_nested();
  } else if (c == '-' || (c >= '0' && c <= '9')) {
    while (at_ != end_ && !is(*at_, ends_number))
      ++at_;
  } else if (c == 't' || c == 'f' || c == 'n') {
    while (at_ != end_ && *at_ >= 'a' && *at_ <= 'z')
      ++at_;
  } else {
    at_ = end_;
    return {};
  }
  return {first, static_cast<std::size_t>(at_ - first)};
}

}  // namespace buntdb::json
