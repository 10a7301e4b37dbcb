#pragma once

#include <cstdint>

namespace buntdb::io {

/// Whether this error of flock() means that the file system has no locks.
bool says_no_locks(int code) noexcept;

/// A lock for a file on a file system that has none: a socket's name in the kernel's memory, made
/// of the file's device and inode. Processes of this machine see it that share its network
/// namespace; nobody else does. The kernel gives it up with the process. Not thread-safe.
///
/// A child that was forked has a copy of the socket, which pthread_atfork closes as soon as the
/// child runs, so that the lock is its parent's alone.
class machine_lock {
 public:
  machine_lock() noexcept = default;
  ~machine_lock();
  machine_lock(const machine_lock&) = delete;
  machine_lock& operator=(const machine_lock&) = delete;

  /// False if another holder has it. Throws buntdb::error.
  bool try_acquire(std::uint64_t device, std::uint64_t inode);

 private:
  int socket_ = -1;
};

}  // namespace buntdb::io
