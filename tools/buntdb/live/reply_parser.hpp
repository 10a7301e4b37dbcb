#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "live/reply.hpp"

/// What a server has sent is not a valid answer.
class bad_reply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Parses answers from bytes that come in arbitrary pieces. Its memory grows with the bytes that
/// have come, not with the sizes that they announce. Used by one thread.
class reply_parser {
 public:
  static constexpr std::size_t max_depth = 8;

  /// Reads bytes from the front of `input` until an answer is complete or nothing is left. Throws
  /// bad_reply. Do not call it again after that.
  std::optional<reply> take(std::string_view& input);

 private:
  /// An array that is not complete.
  struct open_array {
    reply value;
    std::size_t elements_left;
  };

  bool take_line(std::string_view& input);
  bool take_bytes(std::string_view& input);
  void begin_value();
  std::optional<reply> finish(reply value);
  static std::int64_t number(std::string_view digits);

  std::string line_;
  bool within_text_ = false;
  std::string text_;
  std::size_t text_left_ = 0;  // including CR LF
  std::vector<open_array> open_;
  std::optional<reply> finished_;
};
