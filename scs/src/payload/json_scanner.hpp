#pragma once

#include <cstddef>
#include <string_view>

namespace scs::detail {

/// A string as it is written in a JSON text.
struct json_string {
  std::string_view json{};  // with its quotes
  bool has_escapes = false;
};

/// Reads a JSON text from its front and checks everything that it reads: the grammar, UTF-8, and
/// that every number fits a double. Parts that the caller skips are checked, too. Takes linear
/// time, uses a constant amount of stack however deeply values are nested, and allocates nothing
/// for less than 64 levels.
///
/// All functions skip white space first. A function returns false if it has not found what it
/// expects. Then position() returns where, and nothing else can be read.
class json_scanner {
 public:
  explicit json_scanner(std::string_view text) noexcept : text_(text) {}

  std::size_t position() const noexcept { return at_; }

  /// Whether nothing is left.
  bool at_end() noexcept;
  /// Whether the next byte is this one. Reads nothing.
  bool next_is(char c) noexcept;

  bool take_string(json_string& out);
  /// Reads one value of any kind and returns its text.
  bool take_value(std::string_view& out);
  /// Reads an object. Calls member(key) after each key and its colon. It must read the value and
  /// return whether it could.
  template <class Member>
  bool take_object(Member member);
  /// Reads an array. Calls element() before each value. It must read the value and return whether
  /// it could.
  template <class Element>
  bool take_array(Element element);

 private:
  bool ended() const noexcept { return at_ == text_.size(); }
  unsigned char byte() const noexcept { return static_cast<unsigned char>(text_[at_]); }
  void skip_space() noexcept;
  bool take(char c) noexcept;
  /// Does not skip white space.
  bool take_here(char c) noexcept;
  bool take_word(std::string_view word) noexcept;
  bool take_digits() noexcept;
  bool take_number();
  bool take_scalar();
  bool take_escape() noexcept;
  bool take_key();
  bool skip_value();

  const std::string_view text_;
  std::size_t at_ = 0;
};

inline void json_scanner::skip_space() noexcept {
  while (!ended() && (byte() == ' ' || byte() == '\n' || byte() == '\r' || byte() == '\t'))
    ++at_;
}

inline bool json_scanner::next_is(char c) noexcept {
  skip_space();
  return !ended() && text_[at_] == c;
}

inline bool json_scanner::take_here(char c) noexcept {
  if (ended() || text_[at_] != c) return false;
  ++at_;
  return true;
}

inline bool json_scanner::take(char c) noexcept {
  skip_space();
  return take_here(c);
}

inline bool json_scanner::at_end() noexcept {
  skip_space();
  return ended();
}

template <class Member>
bool json_scanner::take_object(Member member) {
  if (!take('{')) return false;
  if (take('}')) return true;
  do {
    json_string key;
    if (!take_string(key) || !take(':') || !member(key)) return false;
  } while (take(','));
  return take('}');
}

template <class Element>
bool json_scanner::take_array(Element element) {
  if (!take('[')) return false;
  if (take(']')) return true;
  do {
    if (!element()) return false;
  } while (take(','));
  return take(']');
}

}  // namespace scs::detail

namespace scs {

/// Whether the text is one JSON value, with nothing but white space around it. Takes linear time,
/// however deeply values are nested.
bool is_json(std::string_view text);

}  // namespace scs
