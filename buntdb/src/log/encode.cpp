#include "log/encode.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace buntdb::log {
namespace {

/// More than all that a command has around its key and value: five headers and the seconds.
constexpr std::size_t frame_size_max = 128;

/// Makes room once, so that the appends that follow only copy. Grows by doubling: growing to the
/// exact size each time would copy a large batch once per command.
void make_room(std::string& out, std::size_t size) {
  const std::size_t needed = out.size() + size;
  if (needed > out.capacity()) out.reserve(std::max(needed, 2 * out.capacity()));
}

/// "$LENGTH\r\n"
void append_length(std::string& out, std::size_t length) {
  char text[24];
  text[0] = '$';
  char* end = std::to_chars(text + 1, text + sizeof text - 2, length).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text, static_cast<std::size_t>(end - text));
}

void append_bulk(std::string& out, std::string_view bytes) {
  append_length(out, bytes.size());
  out.append(bytes);
  out.append("\r\n", 2);
}

}  // namespace

void append_set(std::string& out, std::string_view key, std::string_view value) {
  make_room(out, key.size() + value.size() + frame_size_max);
  out.append("*3\r\n$3\r\nset\r\n");
  append_bulk(out, key);
  append_bulk(out, value);
}

void append_set_expiring(std::string& out, std::string_view key, std::string_view value,
                         std::int64_t unix_seconds) {
  make_room(out, key.size() + value.size() + frame_size_max);
  out.append("*5\r\n$3\r\nset\r\n");
  append_bulk(out, key);
  append_bulk(out, value);
  out.append("$2\r\nae\r\n");
  char text[24];
  const char* end = std::to_chars(text, text + sizeof text, unix_seconds).ptr;
  append_bulk(out, {text, static_cast<std::size_t>(end - text)});
}

void append_flush(std::string& out) {
  out.append("*1\r\n$7\r\nflushdb\r\n");
}

void append_del(std::string& out, std::string_view key) {
  make_room(out, key.size() + frame_size_max);
  out.append("*2\r\n$3\r\ndel\r\n");
  append_bulk(out, key);
}

void append_flushdb(std::string& out) {
  out.append("*1\r\n$7\r\nflushdb\r\n");
}

}  // namespace buntdb::log
