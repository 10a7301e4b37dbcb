#pragma once

#include <cstddef>
#include <string_view>

namespace buntdb::json {

/// Walks through JSON text, forwards, each byte once, without recursion. What is no JSON ends the
/// walk, or is taken for something near it: the answer is always the same, and never beyond the
/// text. (rect.hpp reads GeoJSON with a parser of its own, which checks what this one only skips.)
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const noexcept { return at_ == end_; }
  /// NUL at the end.
  char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }
  std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  void skip_byte() noexcept { ++at_; }

  void skip_space() noexcept {
    while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ')
      ++at_;
  }

  /// Inside an array: goes to the next element. False, after the bracket, if there is none.
  bool next_element() noexcept;

  /// A key as it is written, without its quotes.
  struct member_key {
    std::string_view inside;
    bool escaped = false;
  };
  /// Inside an object: goes to the next member's value. False, after the brace, if there is none.
  bool next_member(member_key& key) noexcept;

  /// Reads the value that begins here: a string, an object or an array to its end, a number, a
  /// literal. Empty if none begins here; the walk has ended then.
  std::string_view read_value() noexcept;

 private:
  bool skip_string() noexcept;
  void skip_nested() noexcept;

  const char* at_;
  const char* end_;
};

}  // namespace buntdb::json
