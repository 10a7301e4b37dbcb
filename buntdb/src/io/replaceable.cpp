#include "io/replaceable.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/error.hpp>

namespace buntdb::io {

namespace {

constexpr const char* consequence = ", so no other file can take its place. ";

/// The system does not permit a rename over a mount point.
bool is_mount_point(const std::string& path) noexcept {
  struct statx found {};
  return ::statx(AT_FDCWD, path.c_str(), AT_NO_AUTOMOUNT, STATX_TYPE, &found) == 0 &&
         (found.stx_attributes & found.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

}  // namespace

void check_replaceable(const std::string& path, const std::string& folder) {
  if (is_mount_point(path)) {
    throw error(std::make_error_code(std::errc::device_or_resource_busy),
                path + " is a mount point" + consequence + "Mount its folder instead of the file");
  }
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return;
  const int code = errno;
  throw error(std::error_code(code, std::generic_category()),
              "no file can be made in the folder " + folder + " of " + path + consequence +
                  "Let this process write to the folder");
}

}  // namespace buntdb::io
