#pragma once

#include <atomic>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include <httplib.h>
#include <sys/socket.h>

#include <scs/http/detail/stop_signals.hpp>

namespace scs::http {

namespace detail {

/// Takes the port for the server; 0 takes any free one. Returns the port. Throws std::system_error.
inline int take_port(httplib::Server& server, const std::string& host, int port) {
  // cpp-httplib writes a response's head and body separately. Without this option the body waits
  // until the client has acknowledged the head, which takes 40 ms on a connection that is kept.
  server.set_tcp_nodelay(true);
  // The library makes a socket for each address of the host, until one can be bound: the last one.
  const auto listening = std::make_shared<socket_t>(INVALID_SOCKET);
  server.set_socket_options([listening](socket_t socket) {
    // cpp-httplib's own choice, SO_REUSEPORT, would let two servers share a port without a word.
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    *listening = socket;
  });
  errno = 0;
  int taken = -1;
  if (port == 0) {
    taken = server.bind_to_any_port(host);
  } else if (server.bind_to_port(host, port)) {
    taken = port;
  }
  // cpp-httplib lets five connections wait until they are accepted. A second call of listen()
  // changes that number.
  if (taken <= 0 || ::listen(*listening, SOMAXCONN) != 0) {
    const std::error_code code{errno != 0 ? errno : EADDRINUSE, std::generic_category()};
    throw std::system_error(code, "cannot listen on " + host + ":" + std::to_string(port));
  }
  return taken;
}

}  // namespace detail

/// Serves until the process is asked to end: at SIGTERM or SIGINT (Ctrl-C) no new connection is
/// taken, the requests under way are answered, and the function returns; what comes after it, such
/// as the destructor of a database, then runs as at any other end. Another signal, half a second
/// after the first or later, ends the process at once. Port 0 takes a free one; on_listening is
/// called with the port, before the first request.
///
/// Sets the server's socket options (SO_REUSEADDR, TCP_NODELAY), its backlog of connections
/// (SOMAXCONN) and its keep-alive timeout (one second). An application that calls listen() itself
/// should call set_tcp_nodelay(true) first: otherwise a response on a connection that is kept takes
/// 40 ms.
///
/// Call it from the main thread. Threads of your own that were started before must have these two
/// signals blocked (buntdb's have), or the system may end the process through them.
/// Throws std::system_error, saying why, if it cannot listen.
inline void serve(httplib::Server& server, const std::string& host, int port,
                  const std::function<void(int)>& on_listening = {}) {
  detail::stop_signals signals;
  const int taken = detail::take_port(server, host, port);
  if (on_listening) on_listening(taken);
  std::atomic<bool> ended = false;
  // A browser's idle connection must not hold up the stop for longer than this.
  server.set_keep_alive_timeout(1);
  signals.start([&server, &ended] {
    // stop() does nothing before the server runs, which is a moment away when it does not yet.
    while (!server.is_running() && !ended)
      std::this_thread::yield();
    server.stop();
  });
  server.listen_after_bind();
  ended = true;
  signals.finish();
}

}  // namespace scs::http
