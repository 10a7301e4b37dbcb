#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace buntdb::platform {

// The functions that sync return 0, or -1 with the reason in errno. A signal may interrupt them
// (EINTR).

/// When it returns 0, the file's bytes and its size are on the disk.
int sync_file(int file) noexcept;

/// When it returns 0, the names in this folder are on the disk.
int sync_folder(int folder) noexcept;

/// When it returns 0, everything that was written to the file system of this file is on the disk,
/// names included.
int sync_file_system(int file) noexcept;

/// The name of the call that sync_file() makes, for messages.
extern const char* const name_of_sync_file;

/// Returns when the file was modified.
const timespec& modification_time(const struct stat& of) noexcept;

/// Returns whether something is mounted over this file, so that a rename cannot replace it.
bool is_mount_point(const std::string& path) noexcept;

/// Returns the process that holds the flock on this file, as far as the system tells.
std::optional<long> lock_holder(std::uint64_t device, std::uint64_t inode);

}  // namespace buntdb::platform
