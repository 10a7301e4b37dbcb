#include "platform/machine_lock.hpp"

#include <cerrno>
#include <system_error>

#include <buntdb/error.hpp>

namespace buntdb::platform {

machine_lock::~machine_lock() = default;

/// Names that exist only in the kernel's memory are Linux's.
bool machine_lock::try_acquire(std::uint64_t /*device*/, std::uint64_t /*inode*/) {
  throw error(
      std::make_error_code(std::errc::operation_not_supported),
      "cannot lock a file for this machine: lock_policy::this_machine_only needs Linux. Put "
      "the file on a file system that has locks (flock)");
}

}  // namespace buntdb::platform
