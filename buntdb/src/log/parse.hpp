#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace buntdb::log {

/// What the bytes at the beginning of a window are.
enum class parse_status {
  complete,    ///< a whole command
  needs_more,  ///< so far the beginning of a command; the window must grow to decide
  cut_short,   ///< the same, but no more bytes follow: the file ends inside this command
  damaged,     ///< no command begins with these bytes, whatever follows
};

enum class command_kind {
  nothing,    ///< "*0"
  set,        ///< key, value
  set_at,     ///< key, value, seconds since 1970 (`ae`)
  set_after,  ///< key, value, seconds after the file's time of modification (`ex`)
  erase,      ///< key
  clear,      ///< flushdb
};

struct parsed_command {
  parse_status status = parse_status::damaged;
  command_kind kind = command_kind::nothing;
  /// If complete: the command's size. If needs_more or cut_short: it has at least this many bytes.
  std::size_t size = 0;
  std::string_view key;  ///< key and value point into the window; set only if complete
  std::string_view value;
  std::int64_t seconds = 0;
  std::string_view reason;  ///< if damaged: the reason as text, which is static
};

/// Whether more bytes of the file come after the window.
enum class window_end { more_follows, end_of_file };

/// Parses the command that begins at the window's first byte. Does no I/O, allocates nothing, and
/// reads no byte of a key's or value's content. Lengths are checked against limits.hpp before they
/// are used. Strict: bytes that cannot become a command by adding more are damaged, never cut
/// short.
parsed_command parse_command(std::string_view window, window_end end) noexcept;

}  // namespace buntdb::log
