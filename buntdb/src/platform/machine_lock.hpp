#pragma once

#include <cstdint>

namespace buntdb::platform {

/// A lock for a file on a file system without locks: the name of a socket in the kernel's memory,
/// made of the file's device and inode. Only processes of this machine that share its network
/// namespace see it. The kernel releases it when the process ends. Not thread-safe.
///
/// A child process has a copy of the socket. A handler of pthread_atfork closes it as soon as the
/// child runs, so that only the parent holds the lock.
class machine_lock {
 public:
  machine_lock() noexcept = default;
  ~machine_lock();
  machine_lock(const machine_lock&) = delete;
  machine_lock& operator=(const machine_lock&) = delete;

  /// Returns false if another holder has the lock. Throws buntdb::error.
  bool try_acquire(std::uint64_t device, std::uint64_t inode);

 private:
  [[maybe_unused]] int socket_ = -1;
};

}  // namespace buntdb::platform
