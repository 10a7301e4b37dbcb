#include "log/encode.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>

namespace buntdb::log {
namespace {

/// More than everything that a command contains besides its key and value: five headers and the
/// seconds.
constexpr std::size_t max_frame_size = 128;

/// Reserves memory once, so that the following appends only copy. Grows by doubling: growing to the
/// exact size each time would copy a large batch once per command.
void make_room(std::string& out, std::size_t size) {
  const std::size_t needed = out.size() + size;
  if (needed > out.capacity()) out.reserve(std::max(needed, 2 * out.capacity()));
}

/// The bytes between the key and the value of a command, put together before they are appended: one
/// append of 20 bytes costs less than five of four. It has room for the longest of them: a head of
/// 13 bytes and a length, or 10 bytes, a length and the digits of the seconds.
class frame {
 public:
  frame& text(std::string_view part) noexcept {
    part.copy(end_, part.size());
    end_ += part.size();
    return *this;
  }
  template <class Integer>
  frame& number(Integer value) noexcept {
    end_ = std::to_chars(end_, std::end(text_), value).ptr;
    return *this;
  }
  /// Appends "$LENGTH\r\n".
  frame& length(std::size_t size) noexcept { return text("$").number(size).text("\r\n"); }

  void append_to(std::string& out) const {
    out.append(text_, static_cast<std::size_t>(end_ - text_));
  }

 private:
  char text_[64];
  char* end_ = text_;
};

void append_head(std::string& out, std::string_view head, std::string_view key) {
  frame().text(head).length(key.size()).append_to(out);
  out.append(key);
}

void append_value(std::string& out, std::string_view value) {
  frame().text("\r\n").length(value.size()).append_to(out);
  out.append(value);
}

}  // namespace

void append_set(std::string& out, std::string_view key, std::string_view value) {
  make_room(out, key.size() + value.size() + max_frame_size);
  append_head(out, "*3\r\n$3\r\nset\r\n", key);
  append_value(out, value);
  out.append("\r\n", 2);
}

void append_set_expiring(std::string& out, std::string_view key, std::string_view value,
                         std::int64_t unix_seconds) {
  make_room(out, key.size() + value.size() + max_frame_size);
  append_head(out, "*5\r\n$3\r\nset\r\n", key);
  append_value(out, value);
  char seconds[24];
  const char* end = std::to_chars(seconds, std::end(seconds), unix_seconds).ptr;
  const std::string_view digits(seconds, static_cast<std::size_t>(end - seconds));
  frame().text("\r\n$2\r\nae\r\n").length(digits.size()).text(digits).text("\r\n").append_to(out);
}

void append_del(std::string& out, std::string_view key) {
  make_room(out, key.size() + max_frame_size);
  append_head(out, "*2\r\n$3\r\ndel\r\n", key);
  out.append("\r\n", 2);
}

void append_flushdb(std::string& out) {
  out.append("*1\r\n$7\r\nflushdb\r\n");
}

}  // namespace buntdb::log
