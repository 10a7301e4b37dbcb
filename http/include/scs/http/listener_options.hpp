#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <sys/socket.h>

#include <scs/http/listening_socket.hpp>

namespace scs::http {

/// Address, limits and time limits of a listener. A time limit may take effect up to half a second
/// late, or up to half of the shortest time limit if that is less. stop_timeout and drain_timeout
/// take effect on time.
struct listener_options {
  /// The IP address to listen on, such as "0.0.0.0" or "::1".
  std::string address = "127.0.0.1";
  /// 0: any free port; see port().
  unsigned short port = 0;
  /// How many connections the system queues until they are accepted. The system may allow fewer
  /// (net.core.somaxconn).
  int backlog = SOMAXCONN;
  /// Whether another process may listen on the port at the same time, to take over without a failed
  /// request. A stop then leaves new connections to that process, and answers what this one has
  /// accepted before it ends.
  port_sharing sharing = port_sharing::off;

  /// The number of threads that serve connections, including the one that calls run(). With more
  /// than one, each connection has a strand, and handlers of different connections run
  /// concurrently.
  std::size_t io_threads = 1;
  /// The number of threads on which the store may block.
  std::size_t store_threads = 4;

  /// The greatest number of connections at the same time. Further ones wait in the backlog. It is
  /// reduced to the number of files that the process may have open (RLIMIT_NOFILE), less 64 for
  /// other files.
  std::size_t max_connections = 10'000;
  /// The greatest number of requests on one connection. The response to the last one contains
  /// `Connection: close`.
  std::size_t keep_alive_requests = 1'000'000;
  /// The greatest size in bytes of a request line and its headers, and of a chunked body's
  /// trailers. More is answered with 431. Four cookies of the cookie store need slightly more than
  /// 16 KiB, so raise it for more than three.
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// The greatest size in bytes of a request's body, which is kept in memory. More is answered with
  /// 413. One client may use this much for each of max_connections: limit the connections of an
  /// address in a proxy.
  std::size_t max_body_bytes = std::size_t{1} << 20;

  /// The time from the connection, or from the first byte of a later request, until its headers are
  /// complete. It also limits the TLS handshake. After this time, a request that has begun is
  /// answered with 408.
  std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
  /// The time from the headers until the body is complete. After this time, the request is answered
  /// with 408.
  std::chrono::milliseconds body_timeout = std::chrono::seconds{60};
  /// The time between a response and the next request's first byte. After this time, the connection
  /// is closed.
  std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds{60};
  /// The time without progress while a response is sent. After this time, the connection is closed.
  std::chrono::milliseconds write_timeout = std::chrono::seconds{30};
  /// The time for the client to close its side after the server has closed its own. What the client
  /// sends meanwhile is dropped, so that it receives the response and not a reset.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds{1};
  /// The time from stop() until running requests are cut off.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds{10};
  /// With a shared port, or a socket that was passed to the process: the time from stop() until
  /// connections without a running request are closed. Until then a request on them is answered,
  /// with `Connection: close`. It ends early when there are no such connections.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds{1};

  /// Whether SIGTERM and SIGINT (Ctrl-C) call stop(). Another signal, at least half a second after
  /// the first, ends the process immediately. Set it to `leave` if run() is not called from the
  /// main thread.
  enum class signals { stop, leave };
  signals on_signal = signals::stop;
};

}  // namespace scs::http
