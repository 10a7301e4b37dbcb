#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::log {

/// What the file can say, as it is read: the receiver of replay().
/// The views are valid during the call only.
class command_sink {
 public:
  virtual ~command_sink() = default;
  virtual void set(std::string_view key, std::string_view value) = 0;
  /// unix_seconds is absolute; `ex` has been resolved against the file's time of modification
  /// and both are cut to what 64-bit nanoseconds can hold by the receiver.
  virtual void set_expiring(std::string_view key, std::string_view value,
                            std::int64_t unix_seconds) = 0;
  virtual void erase(std::string_view key) = 0;
  virtual void clear() = 0;  ///< flushdb
};

}  // namespace buntdb::log
