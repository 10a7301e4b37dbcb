#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace buntdb::control {

/// What a client has sent is not a request. Nothing after it can be understood.
class protocol_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Parses requests as Redis clients send them: an array of bulk strings,
///
///     *COUNT\r\n  and for each argument  $SIZE\r\nBYTES\r\n
///
/// The bytes may arrive in pieces of any size. The memory grows with the bytes received, not with
/// the sizes that they announce. Used by one thread.
class request_parser {
 public:
  /// Refuses requests whose arguments have more bytes than this, or which have more than
  /// max_arguments.
  explicit request_parser(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  static constexpr std::size_t max_arguments = 65'536;

  /// Removes bytes from the front of `input` until a request is complete or no bytes are left.
  /// Throws protocol_error; it must not be called again then.
  std::optional<std::vector<std::string>> take(std::string_view& input);

  /// Returns the approximate memory of the unfinished request, in bytes.
  std::size_t held_bytes() const noexcept { return held_bytes_; }
  /// Returns whether a request has begun and is not complete.
  bool is_within_request() const noexcept { return state_ != state::count || !line_.empty(); }

 private:
  enum class state { count, size, bytes, bytes_end };

  bool take_line(std::string_view& input, char kind);
  std::size_t number(std::size_t most, const char* what) const;
  void begin_argument();
  void take_bytes(std::string_view& input);
  bool take_end(std::string_view& input);

  std::size_t max_bytes_;
  state state_ = state::count;
  std::string line_;  // the kind and the digits of an incomplete header
  std::vector<std::string> arguments_;
  std::size_t arguments_left_ = 0;
  std::size_t bytes_left_ = 0;  // of the last argument
  std::size_t held_bytes_ = 0;
  std::size_t announced_bytes_ = 0;
};

}  // namespace buntdb::control
