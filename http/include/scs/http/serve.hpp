#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <httplib.h>
#include <sys/socket.h>

#include <scs/http/detail/connection_threads.hpp>
#include <scs/http/detail/httplib_port.hpp>
#include <scs/http/detail/httplib_version.hpp>
#include <scs/http/detail/open_connections.hpp>
#include <scs/http/detail/service_manager.hpp>
#include <scs/http/detail/stop_signals.hpp>
#include <scs/http/listening_socket.hpp>

namespace scs::http {

/// How serve() runs a server. cpp-httplib does not tell which options were set on a server, so an
/// empty option keeps what the application has set.
struct serve_options {
  /// How long a connection waits for its first byte, and then for its next request, before it is
  /// closed. If a proxy or a load balancer keeps connections to this server, it must be longer than
  /// the time for which those keep idle ones (nginx: 60 s). Otherwise a request is sometimes sent
  /// on a connection that is just being closed. Empty: the server's setting (by default 5 s).
  std::optional<std::chrono::seconds> keep_alive_timeout{};

  /// After how many requests a connection is closed. Empty: the server's setting (by default 100).
  /// It is always 1 with cpp-httplib before 0.52, which treats an unread part of a request's body
  /// as the next request.
  std::optional<std::size_t> keep_alive_requests{};

  /// How many connections are served at the same time. Further ones wait. Each connection has a
  /// thread for as long as it is open, even when it is idle. Threads are started when they are
  /// needed. Like the next option, it has no effect if the application has set the server's
  /// new_task_queue.
  std::size_t threads = 256;

  /// The size of a thread's stack in bytes. cpp-httplib before 0.16 needs 8 MiB for the longest
  /// Range line. Only the part that is used takes memory.
  std::size_t thread_stack = std::size_t{8} << 20;

  /// How many accepted connections may wait for a thread. At the limit no connection is accepted:
  /// further ones wait in the system's queue (listen_backlog), and when that is full, the system
  /// refuses them. Each one takes a file descriptor. It has no effect if the application has set
  /// the server's new_task_queue.
  std::size_t max_waiting = 512;

  /// Called with the listening socket before it is bound; or when it listens already, if the port
  /// is shared or the socket was passed to serve(). TCP_NODELAY (for connections) and SO_REUSEADDR
  /// are set before. Empty: no other options are set. In any case it replaces what the application
  /// has passed to set_socket_options().
  std::function<void(socket_t)> socket_options{};

  /// Whether another process may listen on the port at the same time, to take over without a failed
  /// request. A stop then leaves new connections to that process, and answers what this one has
  /// accepted before it ends.
  port_sharing sharing = port_sharing::off;

  /// How many connections the system queues until they are accepted. The system may allow fewer
  /// (net.core.somaxconn).
  int listen_backlog = SOMAXCONN;

  /// How long a stop waits for running requests. After this time, their connections are shut down.
  /// The stop still waits for handlers that have not returned.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(10);

  /// With a shared port, or a socket that was passed to the process: how long a stop waits for a
  /// request on connections without a running one, before it closes them. It ends early when there
  /// are no such connections.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(1);

  /// Called with the port before the first request. It tells you which port was chosen for port 0.
  std::function<void(int)> on_listening{};
};

namespace detail {

/// Binds the server to the port; 0 chooses any free one. Returns the port and the listening socket.
/// Throws std::system_error.
inline std::pair<int, socket_t> take_port(httplib::Server& server, const std::string& host,
                                          int port, const serve_options& options) {
  // cpp-httplib writes a response's head and body separately. Without this option the body waits
  // until the client has acknowledged the head, which takes 40 ms on a connection that is kept.
  server.set_tcp_nodelay(true);
  // The library makes a socket for each address of the host, until one can be bound: the last one.
  const auto listening = std::make_shared<socket_t>(INVALID_SOCKET);
  server.set_socket_options([listening, more = options.socket_options](socket_t socket) {
    // cpp-httplib would set SO_REUSEPORT, which lets two servers share a port unnoticed.
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (more) more(socket);
    *listening = socket;
  });
  errno = 0;
  int taken = -1;
  if (port == 0) {
    taken = server.bind_to_any_port(host);
  } else if (server.bind_to_port(host, port)) {
    taken = port;
  }
  // cpp-httplib queues only five connections. A second call of listen() changes that number.
  if (taken <= 0 || ::listen(*listening, options.listen_backlog) != 0) {
    const std::error_code code{errno != 0 ? errno : EADDRINUSE, std::generic_category()};
    throw std::system_error(code, "cannot listen on " + host + ":" + std::to_string(port));
  }
  return {taken, *listening};
}

/// Whether the socket still accepts connections. It does not after Server::stop(), although
/// is_running() returns true until the thread that accepts them has returned.
inline bool is_listening(socket_t socket) noexcept {
  int accepts = 0;
  socklen_t size = sizeof accepts;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts != 0;
}

/// Whether the application has replaced the function with which a server makes its threads.
inline bool has_own_threads(const httplib::Server& server) {
  return server.new_task_queue.target_type() != httplib::Server().new_task_queue.target_type();
}

/// Throws std::invalid_argument.
inline void check_options(const serve_options& options) {
  const auto refuse = [](const char* problem) {
    throw std::invalid_argument(std::string("scs::http::serve: ") + problem);
  };
  if (options.threads == 0) refuse("threads: at least 1 is needed");
  if (options.max_waiting == 0) refuse("max_waiting: at least 1 is needed");
  if (options.keep_alive_requests == std::size_t{0}) refuse("keep_alive_requests: at least 1");
  if (options.keep_alive_timeout && options.keep_alive_timeout->count() < 0)
    refuse("keep_alive_timeout: negative");
  if (options.stop_timeout.count() < 0) refuse("stop_timeout: negative");
  if (options.drain_timeout.count() < 0) refuse("drain_timeout: negative");
  if (options.listen_backlog < 1) refuse("listen_backlog: at least 1");
}

/// Applies the options, except for those of the socket.
inline void apply_options(httplib::Server& server, const serve_options& options) {
  if (options.keep_alive_timeout)
    server.set_keep_alive_timeout(static_cast<time_t>(options.keep_alive_timeout->count()));
  if (!httplib_0_52_drains_bodies) {
    server.set_keep_alive_max_count(1);
  } else if (options.keep_alive_requests) {
    server.set_keep_alive_max_count(*options.keep_alive_requests);
  }
}

/// Sets the server's threads, unless the application has set its own.
inline void give_threads(httplib::Server& server, const open_connections& connections,
                         socket_t listening, const serve_options& options) {
  if (has_own_threads(server)) return;
  const connection_threads::limits most{options.threads, options.thread_stack, options.max_waiting,
                                        options.stop_timeout};
  server.new_task_queue = [most, connections, listening] {
    return new connection_threads(most,
                                  {.is_accepting = [listening] { return is_listening(listening); },
                                   .end_idle = [connections] { connections.end_unused(); },
                                   .end_all = [connections] { connections.end(); }});
  };
}

/// Runs a server that is bound to its port. When the process is asked to end, `leave` is called,
/// and then the server stops.
inline void run(httplib::Server& server, stop_signals& signals,
                const std::function<void()>& leave) {
  std::atomic<bool> ended = false;
  signals.start([&] {
    // stop() does nothing before the server runs, which begins within a moment.
    while (!server.is_running() && !ended)
      std::this_thread::yield();
    tell_service_manager("STOPPING=1");
    if (leave && !ended) leave();
    server.stop();
  });
  tell_service_manager("READY=1");
  try {
    errno = 0;
    if (!server.listen_after_bind()) {
      const std::error_code code{errno != 0 ? errno : EINVAL, std::generic_category()};
      throw std::system_error(code, "cannot accept connections any more");
    }
  } catch (...) {
    ended = true;
    signals.finish();
    throw;
  }
  ended = true;
  signals.finish();
}

}  // namespace detail

/// Serves on a socket that listens already, until the process is asked to end as below. It is for a
/// restart without a failed request: with a port that two processes share, or with a socket that a
/// service manager passes to one process after the other. The stop leaves new connections to the
/// other process and answers those that this one has accepted. The options `sharing` and
/// `listen_backlog` have no effect. It sets the server's idle interval. With a socket that was
/// passed, do not call the server's stop(): it would end the listening for the next process, too.
///
/// Throws the same exceptions as the function below.
inline void serve(httplib::Server& server, listening_socket socket,
                  const serve_options& options = {}) {
  detail::check_options(options);
  detail::stop_signals signals;
  server.set_tcp_nodelay(true);
  if (options.socket_options) options.socket_options(socket.handle());
  const bool others_follow = socket.ends() != listening_socket::at_end::close;
  detail::httplib_port port(server, std::move(socket));
  detail::apply_options(server, options);
  const auto threads_before = server.new_task_queue;
  detail::give_threads(server, port.connections(), port.used_by_server(), options);
  if (options.on_listening) options.on_listening(port.port());
  detail::run(server, signals, [&] {
    port.leave({.drain = others_follow ? options.drain_timeout : options.drain_timeout.zero(),
                .stop = options.stop_timeout});
  });
  server.new_task_queue = threads_before;
}

/// Serves until the process is asked to end. At SIGTERM or SIGINT (Ctrl-C) no new connection is
/// accepted, running requests are answered, and the function returns. What comes after it, such as
/// the destructor of a database, then runs as usual. Another signal, at least half a second after
/// the first, ends the process immediately. Port 0 chooses a free port.
///
/// It sets the server's options as given, its socket options and TCP_NODELAY. It also sets the
/// server's threads, unless the application has set new_task_queue. An application that calls
/// listen() itself should call set_tcp_nodelay(true) first (otherwise a response on a connection
/// that is kept takes 40 ms) and read docs/security.md about what older versions of cpp-httplib
/// allow visitors to do.
///
/// If a service manager expects notifications (NOTIFY_SOCKET, systemd's Type=notify), it is
/// notified when the server accepts connections and when it begins to stop.
///
/// Call it from the main thread. Your own threads that were started before must have these two
/// signals blocked (buntdb's have). Otherwise the system may end the process through them.
///
/// Throws std::invalid_argument for invalid options, and std::system_error with the reason if it
/// cannot listen, cannot start a thread, or cannot accept connections any more.
inline void serve(httplib::Server& server, const std::string& host, int port,
                  const serve_options& options = {}) {
  detail::check_options(options);
  if (options.sharing != port_sharing::off) {
    serve(server,
          listening_socket({.host = host,
                            .port = port,
                            .sharing = options.sharing,
                            .backlog = options.listen_backlog}),
          options);
    return;
  }
  detail::stop_signals signals;
  const auto [taken, listening] = detail::take_port(server, host, port, options);
  detail::apply_options(server, options);
  const auto threads_before = server.new_task_queue;
  detail::give_threads(server, detail::open_connections(listening), listening, options);
  if (options.on_listening) options.on_listening(taken);
  detail::run(server, signals, {});
  server.new_task_queue = threads_before;
}

}  // namespace scs::http
