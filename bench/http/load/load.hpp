#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench::http {

struct load_options {
  int port = 0;  ///< on 127.0.0.1
  std::string path = "/";
  std::size_t connections = 1;
  std::chrono::duration<double> time{1.0};
  /// Each is "name=value"; the requests use them in turn. Empty: no request has a cookie.
  std::vector<std::string> cookies = {};
  /// Asks the server to close the connection after each answer.
  bool reopen = false;
  /// This many additional connections make one request each and then stay open.
  std::size_t idle_connections = 0;
};

/// What one run of a load has measured. Times are in nanoseconds; percentiles have a precision of 3
/// %. The time of an answer begins when the previous one on this connection has arrived. If the
/// connection had to be opened for it, that is included.
struct load_result {
  double seconds = 0;
  std::uint64_t requests = 0;  ///< answered on the connections that are not idle
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  double longest_ns = 0;
  /// The number of answers on the connection that was served least, of those that are not idle.
  std::uint64_t least_served = 0;
  /// The longest time for which one connection, including idle ones before their answer, waited for
  /// an answer or for being connected, up to the end of the run.
  double longest_silence_ns = 0;
  /// The number of connections opened again because the server had closed them.
  std::uint64_t reconnects = 0;
  std::uint64_t errors = 0;        ///< attempts to connect, and answers, that failed
  std::uint64_t bad_statuses = 0;  ///< answers other than 2xx, which are in `requests`, too
  std::size_t idle_answered = 0;   ///< idle connections that got their answer
  std::size_t idle_closed = 0;     ///< of these, the ones that the server has closed since
};

/// Each connection sends a request, waits for the answer, and sends the next one, all on this
/// thread, until the time is over. A connection that the server closes is opened again. A missing
/// answer does not delay the end of the run. Throws std::system_error if the system refuses
/// sockets.
load_result run_load(const load_options& options);

}  // namespace bench::http
