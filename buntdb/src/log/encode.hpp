#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace buntdb::log {

/// Commands in the form of the file, appended to out. They check nothing: lengths within limits.hpp
/// and keys that are not reserved are the caller's duty. The views must not lie inside out.
/// They throw std::bad_alloc only; out may then end in part of a command, so cut it back.
void append_set(std::string& out, std::string_view key, std::string_view value);
/// unix_seconds: when the item ends, absolute.
void append_set_expiring(std::string& out, std::string_view key, std::string_view value,
                         std::int64_t unix_seconds);
void append_del(std::string& out, std::string_view key);
void append_flushdb(std::string& out);

}  // namespace buntdb::log
