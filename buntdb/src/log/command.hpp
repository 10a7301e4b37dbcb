#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::log {

/// The receiver of replay(): the commands that a file can contain. The views are valid only during
/// the call.
class command_sink {
 public:
  virtual ~command_sink() = default;
  virtual void set(std::string_view key, std::string_view value) = 0;
  /// unix_seconds is absolute: `ex` has been resolved against the file's time of modification. The
  /// receiver limits it to the range of 64-bit nanoseconds.
  virtual void set_expiring(std::string_view key, std::string_view value,
                            std::int64_t unix_seconds) = 0;
  virtual void erase(std::string_view key) = 0;
  virtual void clear() = 0;  ///< flushdb
};

}  // namespace buntdb::log
