#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace scs::gob {

/// Reads a gob stream from its front. A stream consists of messages, each preceded by its length. A
/// read never goes beyond the current message. Input that cannot be read throws scs::error
/// (payload_undecodable), whose message contains the position in the stream.
class input {
 public:
  /// Starts before the first message.
  explicit input(std::string_view stream) noexcept : stream_(stream) {}
  /// Reads bytes that are not divided into messages.
  static input of_value(std::string_view bytes) noexcept;

  /// The position of the next byte in the stream.
  std::size_t position() const noexcept { return at_; }
  std::string_view between(std::size_t begin, std::size_t end) const noexcept {
    return stream_.substr(begin, end - begin);
  }
  std::size_t size() const noexcept { return stream_.size(); }
  bool message_ended() const noexcept { return at_ == end_; }
  bool stream_ended() const noexcept { return at_ == stream_.size(); }

  /// Starts the next message. The current message must have ended.
  void next_message();

  std::uint64_t take_uint();
  std::int64_t take_int();
  double take_float();
  /// Reads a length and that many bytes. The result is a view into the stream.
  std::string_view take_bytes();
  /// Reads how many elements follow. Each takes at least `min_size` bytes.
  std::size_t take_count(std::size_t min_size);
  /// Reads the id of a type, which is not zero. It is negative before a definition.
  std::int64_t take_type_id();
  /// Reads the number of the next field of a struct that has `count` fields, and stores it in
  /// `field`, which is -1 before the first one. Returns false at the struct's end.
  bool take_field(std::int64_t& field, std::size_t count);

  /// While set, whatever is read is also appended there.
  void copy_to(std::string* copy) noexcept { copy_ = copy; }

  [[noreturn]] void fail(std::string_view what) const;

 private:
  std::string_view take(std::size_t size);

  std::string_view stream_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // end of the current message
  std::string* copy_ = nullptr;
};

}  // namespace scs::gob
