#pragma once

#include <cstddef>
#include <string_view>

namespace buntdb::json {

/// Scans JSON text forward, each byte once, without recursion. Text that is not JSON ends the scan
/// or is treated as something similar. The result is always the same for the same text, and never
/// reads beyond it. (parse_rect() uses its own GeoJSON parser, which checks what this one only
/// skips.)
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool at_end() const noexcept { return at_ == end_; }
  /// Returns NUL at the end.
  char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }
  std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  void skip_byte() noexcept { ++at_; }

  void skip_space() noexcept {
    while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ')
      ++at_;
  }

  /// Inside an array, moves to the next element. If there is none, moves past the bracket and
  /// returns false.
  bool next_element() noexcept;

  /// A key as it is written, without its quotes.
  struct member_key {
    std::string_view inside;
    bool escaped = false;
  };
  /// Inside an object, moves to the value of the next member. If there is none, moves past the
  /// brace and returns false.
  bool next_member(member_key& key) noexcept;

  /// Reads the value that begins here: a string, an object or an array to its end, a number, or a
  /// literal. If none begins here, returns an empty text and ends the scan.
  std::string_view read_value() noexcept;

 private:
  bool skip_string() noexcept;
  void skip_nested() noexcept;

  const char* at_;
  const char* end_;
};

}  // namespace buntdb::json
