#include "platform/disk.hpp"

#include <cstdio>

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "platform/linux/proc_locks.hpp"

// Since Linux 5.8; missing in musl's headers before 1.2.6.
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

namespace buntdb::platform {

const char* const name_of_sync_file = "fdatasync";

int sync_file(int file) noexcept {
  return ::fdatasync(file);
}

int sync_folder(int folder) noexcept {
  return ::fsync(folder);
}

int sync_file_system(int file) noexcept {
  return ::syncfs(file);
}

const timespec& modification_time(const struct stat& of) noexcept {
  return of.st_mtim;
}

bool is_mount_point(const std::string& path) noexcept {
  struct statx found {};
  return ::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT, STATX_TYPE, &found) == 0 &&
         (found.stx_attributes & found.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

std::optional<long> lock_holder(std::uint64_t device, std::uint64_t inode) {
  std::FILE* table = std::fopen("/proc/locks", "re");
  if (table == nullptr) return std::nullopt;
  std::optional<long> holder;
  char line[256];
  while (!holder && std::fgets(line, sizeof line, table) != nullptr)
    holder = holder_of_flock(line, major(device), minor(device), inode);
  // Nothing was written, so closing cannot lose anything.
  static_cast<void>(std::fclose(table));
  return holder;
}

}  // namespace buntdb::platform
