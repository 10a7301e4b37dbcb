#pragma once

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <scs/http/detail/open_connections.hpp>
#include <scs/http/detail/port_departure.hpp>
#include <scs/http/listening_socket.hpp>

namespace scs::http::detail {

/// Makes a cpp-httplib server listen on a socket that was made elsewhere. The library makes its own
/// socket. When it stops, it shuts that socket down, which would end the listening of every process
/// that shares it, and drops the connections that it has accepted and not begun to read. Therefore:
///
///  1. The descriptor that the library uses is replaced by a duplicate of the given socket.
///  2. Before the server stops, the descriptor is replaced by a duplicate of another socket, to
///     which nobody connects. The server still runs and answers the connections that it has
///     accepted.
///
/// The library looks at the descriptor again every wake_interval.
///
/// Threads: leave() may run concurrently with the server. One thread calls the other functions.
class httplib_port {
 public:
  static constexpr std::chrono::milliseconds wake_interval{20};

  struct limits {
    std::chrono::milliseconds drain;  ///< for connections without a request
    std::chrono::milliseconds stop;   ///< for all
  };

  /// Call it before the server runs. The server must outlive this object. Throws std::system_error.
  httplib_port(httplib::Server& server, listening_socket socket)
      : socket_(std::move(socket)), connections_(socket_.handle()), nobodys_(make_nobodys()) {
    used_ = INVALID_SOCKET;
    server.set_socket_options([this](socket_t made) { used_ = made; });
    if (server.bind_to_any_port("127.0.0.1") <= 0) fail("bind");
    server.set_socket_options([](socket_t) {});  // does not refer to this object
    // The library accepts after poll() reports a connection; another process may accept it first.
    const int flags = ::fcntl(socket_.handle(), F_GETFL);
    if (flags < 0 || ::fcntl(socket_.handle(), F_SETFL, flags | O_NONBLOCK) != 0) fail("fcntl");
    server.set_idle_interval(
        0, std::chrono::duration_cast<std::chrono::microseconds>(wake_interval).count());
    if (!use(socket_.handle())) fail("dup3");
  }
  httplib_port(const httplib_port&) = delete;
  httplib_port& operator=(const httplib_port&) = delete;
  ~httplib_port() { ::close(nobodys_); }

  int port() const noexcept { return socket_.port(); }
  /// The descriptor that the library uses. It stays the same.
  socket_t used_by_server() const noexcept { return used_; }
  const open_connections& connections() const noexcept { return connections_; }

  /// Call it while the server runs. Accepts no further connection. Returns when the accepted
  /// connections have ended, or when the time limits have passed.
  void leave(const limits& longest) noexcept {
    const auto begun = clock::now();
    const auto stops_at = begun + longest.stop;
    if (socket_.ends() == listening_socket::at_end::leave_to_others) {
      depart(stops_at);
    } else {
      use(nobodys_);
    }
    { const listening_socket closed = std::move(socket_); }
    wait_until(begun + longest.drain, [this] { return !connections_.any(); });
    wait_until(stops_at, [this] { return !connections_.any_unread(); });
  }

 private:
  using clock = std::chrono::steady_clock;

  void depart(clock::time_point stops_at) noexcept {
    port_departure departure(socket_.handle());
    for (;;) {
      wait_until(stops_at, [&] { return departure.step(clock::now()); });
      use(nobodys_);
      const auto now = clock::now();
      if (!connection_waits(socket_.handle()) || departure.is_over(now) || now >= stops_at) return;
      use(socket_.handle());  // a connection arrived meanwhile
    }
  }

  template <class Condition>
  static void wait_until(clock::time_point deadline, Condition met) noexcept {
    while (!met() && clock::now() < deadline)
      std::this_thread::sleep_for(port_departure::pause);
  }

  bool use(int socket) const noexcept {
    int result = 0;
    do {
      result = ::dup3(socket, used_, O_CLOEXEC);
    } while (result < 0 && (errno == EINTR || errno == EBUSY));
    return result >= 0;
  }

  /// Makes a socket that listens at an address which nobody knows.
  static int make_nobodys() {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) fail("socket");
    sockaddr address{};
    address.sa_family = AF_UNIX;
    if (::bind(made, &address, sizeof address.sa_family) != 0 || ::listen(made, 1) != 0) {
      const int reason = errno;
      ::close(made);
      errno = reason;
      fail("bind");
    }
    return made;
  }

  [[noreturn]] static void fail(const char* call) {
    throw std::system_error(errno != 0 ? errno : EINVAL, std::generic_category(),
                            std::string("cannot give the server a socket (") + call + ")");
  }

  listening_socket socket_;
  const open_connections connections_;
  const int nobodys_;
  socket_t used_ = INVALID_SOCKET;
};

}  // namespace scs::http::detail
