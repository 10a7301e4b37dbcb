#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace buntdb::io {

/// The process that a line of /proc/locks names as the holder of the flock on this file; empty if
/// the line is about something else, about one who waits, or about a process that is not visible
/// from here. The format is proc(5)'s: "1: FLOCK  ADVISORY  WRITE 1234 fd:01:9876 0 EOF".
std::optional<long> holder_of_flock(std::string_view line, unsigned device_major,
                                    unsigned device_minor, std::uint64_t inode) noexcept;

}  // namespace buntdb::io
