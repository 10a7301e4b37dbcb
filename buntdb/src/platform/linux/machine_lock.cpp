#include "platform/machine_lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <vector>

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <buntdb/error.hpp>

namespace buntdb::platform {

namespace {

/// The sockets of this process, which its child processes close.
struct held_sockets {
  std::mutex mutex;
  std::vector<int> numbers;
};

held_sockets& held() {
  // Never destroyed: databases in global objects use it until the program ends.
  static auto& all = *new held_sockets;  // NOLINT(cppcoreguidelines-owning-memory)
  return all;
}

void before_fork() {
  held().mutex.lock();
}

void in_parent() {
  held().mutex.unlock();
}

void in_child() {
  for (const int number : held().numbers)
    ::close(number);
  held().numbers.clear();
  held().mutex.unlock();
}

}  // namespace

machine_lock::~machine_lock() {
  if (socket_ < 0) return;
  const std::lock_guard lock(held().mutex);
  // In a child process, the number may refer to another file by now.
  if (std::erase(held().numbers, socket_) != 0) ::close(socket_);
}

bool machine_lock::try_acquire(std::uint64_t device, std::uint64_t inode) {
  static const int problem = pthread_atfork(before_fork, in_parent, in_child);
  if (problem != 0) {
    throw error(std::error_code(problem, std::generic_category()),
                "cannot keep a lock from a process's children");
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A name that begins with NUL exists only in the kernel and not in a folder.
  const int length = std::snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                                   "buntdb-file-%llx-%llx", static_cast<unsigned long long>(device),
                                   static_cast<unsigned long long>(inode));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 +
                                           static_cast<std::size_t>(length));
  const std::lock_guard lock(held().mutex);
  held().numbers.reserve(held().numbers.size() + 1);
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made == -1) {
    throw error(std::error_code(errno, std::generic_category()),
                "cannot lock a file for this machine (socket)");
  }
  if (::bind(made, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    held().numbers.push_back(made);
    socket_ = made;
    return true;
  }
  const int code = errno;
  ::close(made);
  if (code == EADDRINUSE) return false;
  throw error(std::error_code(code, std::generic_category()),
              "cannot lock a file for this machine (bind)");
}

}  // namespace buntdb::platform
