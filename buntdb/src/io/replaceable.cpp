#include "io/replaceable.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <buntdb/error.hpp>

#include "platform/disk.hpp"

namespace buntdb::io {

namespace {

constexpr const char* consequence = ", so no other file can take its place. ";

}  // namespace

void check_replaceable(const std::string& path, const std::string& folder) {
  // The system does not permit a rename over a mount point.
  if (platform::is_mount_point(path)) {
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
