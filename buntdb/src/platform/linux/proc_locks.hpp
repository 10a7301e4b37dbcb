#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace buntdb::platform {

/// Returns the process that a line of /proc/locks names as the holder of the flock on this file.
/// Returns nothing if the line is about something else, about a waiting process, or about a process
/// that is not visible from here. proc(5) documents the format: "1: FLOCK ADVISORY WRITE 1234
/// fd:01:9876 0 EOF".
std::optional<long> holder_of_flock(std::string_view line, unsigned device_major,
                                    unsigned device_minor, std::uint64_t inode) noexcept;

}  // namespace buntdb::platform
