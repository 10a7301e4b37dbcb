#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace buntdb::log {

/// Append commands in the format of the file to `out`. They check nothing: the caller must ensure
/// that lengths are within limits.hpp and that keys are not reserved. The views must not point into
/// `out`. They throw only std::bad_alloc; `out` may then end with part of a command, so cut it
/// back.
void append_set(std::string& out, std::string_view key, std::string_view value);
/// unix_seconds is the absolute time at which the item expires.
void append_set_expiring(std::string& out, std::string_view key, std::string_view value,
                         std::int64_t unix_seconds);
void append_del(std::string& out, std::string_view key);
void append_flushdb(std::string& out);

}  // namespace buntdb::log
