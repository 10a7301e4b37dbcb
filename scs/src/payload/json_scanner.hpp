#pragma once

#include <cstddef>
#include <string_view>

namespace scs::detail {

/// A string as it stands in a JSON text.
struct json_string {
  std::string_view json{};  // with its quotes
  bool has_escapes = false;
};

/// Takes a JSON text apart from its front and checks everything on the way: the grammar, UTF-8,
/// that no number is beyond what a double can hold. What is not asked for is still checked. Takes
/// linear time, no stack however deeply values nest, and no memory for less than 64 levels.
///
/// All functions pass over white space first. Those that return false have not found what they
/// expect: position() says where, and nothing else can be taken then.
class json_scanner {
 public:
  explicit json_scanner(std::string_view text) noexcept : text_(text) {}

  std::size_t position() const noexcept { return at_; }

  /// Whether nothing is left.
  bool at_end() noexcept;
  /// Whether the next byte is this one. Takes nothing.
  bool next_is(char c) noexcept;

  bool take_string(json_string& out);
  /// One value of any kind; gives its own text.
  bool take_value(std::string_view& out);
  /// An object. Calls member(key) behind each key and its colon; it takes the value and returns
  /// whether it could.
  template <class Member>
  bool take_object(Member member);
  /// An array. Calls element() before each value; it takes the value and returns whether it could.
  template <class Element>
  bool take_array(Element element);

 private:
  bool ended() const noexcept { return at_ == text_.size(); }
  unsigned char byte() const noexcept { return static_cast<unsigned char>(text_[at_]); }
  void skip_space() noexcept;
  bool take(char c) noexcept;
  /// Without white space before it.
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

/// Whether the text is one JSON value, nothing but white space around it. Linear, whatever nests.
bool is_json(std::string_view text);

}  // namespace scs
