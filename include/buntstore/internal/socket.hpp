#pragma once

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

// Descriptors that programs which this process starts do not get. Linux makes them so; elsewhere, a
// program that another thread starts at the same moment gets them.

namespace buntstore::internal {

enum class waiting { blocks, fails };  // what calls do that would have to wait

/// Returns false and sets errno if the descriptor cannot be set.
inline bool set_descriptor(int made, waiting wanted) noexcept {
  if (::fcntl(made, F_SETFD, FD_CLOEXEC) == -1) return false;
  return wanted == waiting::blocks || ::fcntl(made, F_SETFL, O_NONBLOCK) != -1;
}

/// Closes the descriptor if it cannot be set. Returns -1 and sets errno then.
inline int descriptor_set(int made, waiting wanted) noexcept {
  if (made < 0 || set_descriptor(made, wanted)) return made;
  const int reason = errno;
  ::close(made);
  errno = reason;
  return -1;
}

/// socket(). Returns -1 and sets errno on failure.
inline int open_socket(int family, int type, waiting wanted) noexcept {
#ifdef SOCK_CLOEXEC
  return ::socket(family, type | SOCK_CLOEXEC | (wanted == waiting::fails ? SOCK_NONBLOCK : 0), 0);
#else
  return descriptor_set(::socket(family, type, 0), wanted);
#endif
}

/// accept(), for a socket whose calls do not wait. Returns -1 and sets errno on failure.
inline int accept_connection(int listening) noexcept {
#ifdef SOCK_CLOEXEC
  return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
  return descriptor_set(::accept(listening, nullptr, nullptr), waiting::fails);
#endif
}

/// pipe(), whose calls do not wait: the end to read from and the end to write to. Returns false and
/// sets errno on failure.
inline bool open_pipe(std::array<int, 2>& ends) noexcept {
#ifdef SOCK_CLOEXEC
  return ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0;
#else
  if (::pipe(ends.data()) != 0) return false;
  if (set_descriptor(ends[0], waiting::fails) && set_descriptor(ends[1], waiting::fails))
    return true;
  const int reason = errno;
  ::close(ends[0]);
  ::close(ends[1]);
  errno = reason;
  return false;
#endif
}

}  // namespace buntstore::internal
