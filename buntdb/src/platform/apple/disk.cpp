#include "platform/disk.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

namespace buntdb::platform {

namespace {

/// fsync() leaves the bytes in the drive's cache, which a power cut empties. F_FULLFSYNC has the
/// drive write them. File systems that do not know it (SMB, NFS, FAT) get an fsync().
int sync_to_the_drive(int file) noexcept {
  if (::fcntl(file, F_FULLFSYNC) == 0) return 0;
  if (errno == EINTR || errno == EIO || errno == ENOSPC || errno == EDQUOT) return -1;
  return ::fsync(file);
}

}  // namespace

const char* const name_of_sync_file = "F_FULLFSYNC";

int sync_file(int file) noexcept {
  return sync_to_the_drive(file);
}

int sync_folder(int folder) noexcept {
  return sync_to_the_drive(folder);
}

/// sync() only starts to write what other files have. Nothing waits for all of a file system.
int sync_file_system(int file) noexcept {
  ::sync();
  return sync_to_the_drive(file);
}

const timespec& modification_time(const struct stat& of) noexcept {
  return of.st_mtimespec;
}

bool is_mount_point(const std::string& path) noexcept {
  struct statfs found {};
  return ::statfs(path.c_str(), &found) == 0 && path == found.f_mntonname;
}

/// No call tells it.
std::optional<long> lock_holder(std::uint64_t /*device*/, std::uint64_t /*inode*/) {
  return std::nullopt;
}

}  // namespace buntdb::platform
