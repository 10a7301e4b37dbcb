#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace scs::gob {

/// Takes a gob stream apart from its front: messages, each with its length in front. Reads are from
/// the current message and never beyond it. What cannot be read throws scs::error
/// (payload_undecodable), which says at which byte of the stream.
class input {
 public:
  /// Before the first message.
  explicit input(std::string_view stream) noexcept : stream_(stream) {}
  /// Bytes that are not cut into messages.
  static input of_value(std::string_view bytes) noexcept;

  /// Of the next byte, in the stream.
  std::size_t position() const noexcept { return at_; }
  std::string_view between(std::size_t begin, std::size_t end) const noexcept {
    return stream_.substr(begin, end - begin);
  }
  std::size_t size() const noexcept { return stream_.size(); }
  bool message_ended() const noexcept { return at_ == end_; }
  bool stream_ended() const noexcept { return at_ == stream_.size(); }

  /// The current message has ended.
  void next_message();

  std::uint64_t take_uint();
  std::int64_t take_int();
  double take_float();
  /// A length and so many bytes. Views the stream.
  std::string_view take_bytes();
  /// How many elements follow, each of `min_size` bytes at least.
  std::size_t take_count(std::size_t min_size);
  /// An id of a type: not zero. Negative before a definition.
  std::int64_t take_type_id();
  /// The next field of a struct that has `count` fields: moves `field`, which is -1 before the
  /// first. False at the struct's end.
  bool take_field(std::int64_t& field, std::size_t count);

  /// While set, what is taken is also appended there.
  void copy_to(std::string* copy) noexcept { copy_ = copy; }

  [[noreturn]] void fail(std::string_view what) const;

 private:
  std::string_view take(std::size_t size);

  std::string_view stream_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // of the current message
  std::string* copy_ = nullptr;
};

}  // namespace scs::gob
