#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <sys/socket.h>

#include <scs/http/listening_socket.hpp>

namespace scs::http {

/// What a listener listens on, allows and waits for. A time limit takes effect late by half a
/// second at most, or by half of the shortest of them if that is less; stop_timeout and
/// drain_timeout take effect in time.
struct listener_options {
  /// The IP address to listen on, such as "0.0.0.0" or "::1".
  std::string address = "127.0.0.1";
  /// 0: any free one; see port().
  unsigned short port = 0;
  /// Connections that the system keeps waiting until they are accepted. The system may allow fewer
  /// (net.core.somaxconn).
  int backlog = SOMAXCONN;
  /// Whether another process may listen on the port at the same time, to take over without a failed
  /// request. A stop then leaves new connections to it, and answers what this one has accepted
  /// before it ends.
  port_sharing sharing = port_sharing::off;

  /// Threads that serve the connections, including the one that calls run(). With more than one,
  /// each connection has a strand, and handlers of different connections run at the same time.
  std::size_t io_threads = 1;
  /// Threads on which the store may block.
  std::size_t store_threads = 4;

  /// Connections at a time. Further ones wait in the backlog. At most as many as the process may
  /// have files open (RLIMIT_NOFILE), less 64 for files of its own.
  std::size_t max_connections = 10'000;
  /// Requests on one connection; the response to the last one says `Connection: close`.
  std::size_t keep_alive_requests = 1'000'000;
  /// Of a request line and its headers, and of a chunked body's trailers. More is answered with
  /// 431. Four cookies of the cookie store need 16 KiB and a little: raise it for more than three.
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// Of a request's body, which is kept in memory. More is answered with 413. One client may have
  /// this much in each of max_connections: limit the connections of an address in a proxy.
  std::size_t max_body_bytes = std::size_t{1} << 20;

  /// From the connection, or from the first byte of a later request, until its headers are there;
  /// and for the handshake of TLS. Later, a request that has begun is answered with 408.
  std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
  /// From the headers until the whole body is there; later, 408.
  std::chrono::milliseconds body_timeout = std::chrono::seconds{60};
  /// Between a response and the next request's first byte; later, the connection is closed.
  std::chrono::milliseconds keep_alive_timeout = std::chrono::seconds{60};
  /// Without progress while a response is sent; later, the connection is closed.
  std::chrono::milliseconds write_timeout = std::chrono::seconds{30};
  /// For the client to close its side after the server has closed its own. What it sends meanwhile
  /// is dropped, so that it receives the response and not a reset.
  std::chrono::milliseconds linger_timeout = std::chrono::seconds{1};
  /// From stop() until the requests that are still under way are cut off.
  std::chrono::milliseconds stop_timeout = std::chrono::seconds{10};
  /// With a shared port, or a socket that was passed to the process: from stop() until connections
  /// without a request under way are closed. Until then a request on them is answered, with
  /// `Connection: close`. It ends as soon as there is none.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds{1};

  /// SIGTERM and SIGINT (Ctrl-C) call stop(). Another signal, half a second after the first or
  /// later, ends the process at once. Switch it off if run() is not called from the main thread.
  enum class signals { stop, leave };
  signals on_signal = signals::stop;
};

}  // namespace scs::http
