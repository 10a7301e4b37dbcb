#include "redis/connection/socket.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <buntstore/internal/socket.hpp>

#include "redis/connection/keep_alive.hpp"
#include "redis/protocol/failure.hpp"

namespace scs::stores::redis_detail {

namespace {

std::string cause(int code) {
  return std::generic_category().message(code);
}

/// False when the deadline passed first.
bool wait_for(int handle, short events, deadline until) {
  for (;;) {
    pollfd wanted{.fd = handle, .events = events, .revents = 0};
    const int ready = ::poll(&wanted, 1, until.remaining_ms());
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the next call on the socket reports the error
    if (ready == 0 && until.passed()) return false;
  }
}

/// Closes the descriptor at the end of its scope, unless it was released.
class handle {
 public:
  explicit handle(int value) noexcept : value_(value) {}
  ~handle() {
    if (value_ >= 0) ::close(value_);
  }
  handle(const handle&) = delete;
  handle& operator=(const handle&) = delete;
  int get() const noexcept { return value_; }
  int release() noexcept { return std::exchange(value_, -1); }

 private:
  int value_;
};

/// Returns the connected socket, or the error as a negative number.
int connect_to(const sockaddr* where, socklen_t size, std::chrono::milliseconds longest_silence,
               deadline until) {
  handle made{buntstore::internal::open_socket(where->sa_family, SOCK_STREAM,
                                               buntstore::internal::waiting::fails)};
  if (made.get() < 0) return -errno;
  if (::connect(made.get(), where, size) != 0) {
    // EAGAIN means a Unix socket whose queue is full: it cannot be waited for.
    if (errno != EINPROGRESS && errno != EINTR) return -errno;
    if (!wait_for(made.get(), POLLOUT, until)) return -ETIMEDOUT;
    int problem = 0;
    socklen_t problem_size = sizeof problem;
    ::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &problem, &problem_size);
    if (problem != 0) return -problem;
  }
  if (where->sa_family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    notice_silent_death(made.get(), longest_silence);
  }
  return made.release();
}

int connect_unix(const std::string& path, deadline until) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.size() >= sizeof where.sun_path) return -ENAMETOOLONG;
  std::memcpy(where.sun_path, path.data(), path.size());
  return connect_to(reinterpret_cast<const sockaddr*>(&where), sizeof where, {}, until);
}

int connect_tcp(const address& server, std::chrono::milliseconds longest_silence, deadline until) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const std::string port = std::to_string(server.port);
  if (const int problem = ::getaddrinfo(server.host.c_str(), port.c_str(), &hints, &list)) {
    throw connection_failure{effect::none, "redis " + server.text() + ": the host name is not " +
                                               "found: " + ::gai_strerror(problem)};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
  int left = 0;
  for (const addrinfo* it = list; it != nullptr; it = it->ai_next)
    ++left;
  int result = -EHOSTUNREACH;
  for (const addrinfo* it = list; it != nullptr && result < 0; it = it->ai_next) {
    // An address that does not answer leaves time for the others.
    result = connect_to(it->ai_addr, it->ai_addrlen, longest_silence,
                        until.at_most(until.remaining() / left--));
  }
  return result;
}

}  // namespace

socket::socket(const address& server, std::chrono::milliseconds usual_wait, deadline until)
    : usual_wait_(usual_wait), name_("redis " + server.text()) {
  const int result = server.is_unix_socket() ? connect_unix(server.host, until)
                                             : connect_tcp(server, 2 * usual_wait, until);
  if (result < 0) {
    throw connection_failure{effect::none, name_ + ": cannot connect: " + cause(-result)};
  }
  handle_ = result;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(usual_wait_);
  timeval wait{};
  wait.tv_sec = seconds.count();
  wait.tv_usec = std::chrono::microseconds{usual_wait_ - seconds}.count();
  ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  // receive() blocks; all other calls pass MSG_DONTWAIT.
  ::fcntl(handle_, F_SETFL, ::fcntl(handle_, F_GETFL) & ~O_NONBLOCK);
}

socket::~socket() {
  ::close(handle_);
}

void socket::send(std::string_view bytes, deadline until) {
  effect done = effect::none;
  while (!bytes.empty()) {
    const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      done = effect::unknown;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait_for(handle_, POLLOUT, until)) {
        throw connection_failure{done, name_ + " does not take a request in time"};
      }
    } else if (errno != EINTR) {
      throw connection_failure{done, name_ + ": the connection is lost: " + cause(errno)};
    }
  }
}

std::size_t socket::receive(std::span<char> buffer, deadline until) {
  for (;;) {
    // Waits first: the answer has rarely arrived already. Bytes that arrive in time do not extend
    // the time of those that follow.
    const bool in_kernel = wait_in_the_kernel(until);
    if (!in_kernel && (until.passed() || !wait_for(handle_, POLLIN, until))) {
      throw connection_failure{effect::unknown, name_ + " does not answer in time"};
    }
    const ssize_t received =
        ::recv(handle_, buffer.data(), buffer.size(), in_kernel ? 0 : MSG_DONTWAIT);
    if (received > 0) return static_cast<std::size_t>(received);
    if (received == 0) {
      throw connection_failure{effect::unknown, name_ + " closed the connection"};
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      throw connection_failure{effect::unknown,
                               name_ + ": the connection is lost: " + cause(errno)};
    }
  }
}

bool socket::silent() const noexcept {
  char byte = 0;
  return ::recv(handle_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace scs::stores::redis_detail
