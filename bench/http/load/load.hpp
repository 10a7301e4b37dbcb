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
  /// "name=value" each; the requests carry them in turns. Empty: no request has a cookie.
  std::vector<std::string> cookies = {};
  /// Asks the server to close the connection after each answer.
  bool reopen = false;
  /// That many more connections make one request each and then stay open.
  std::size_t idle_connections = 0;
};

/// What one run of a load has measured. Times are in nanoseconds, those of percentiles to 3 %. An
/// answer's time begins when the one before it on this connection has arrived: where the connection
/// had to be opened for it, that is in it.
struct load_result {
  double seconds = 0;
  std::uint64_t requests = 0;  ///< answered on the connections that are not idle
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  double longest_ns = 0;
  /// Answers that the least served of the connections has got; of those that are not idle.
  std::uint64_t least_served = 0;
  /// The longest time in which one connection, idle ones before their answer included, waited for
  /// an answer or for being connected, up to the end of the run.
  double longest_silence_ns = 0;
  std::uint64_t reconnects = 0;    ///< connections opened again, because the server had closed them
  std::uint64_t errors = 0;        ///< attempts to connect, and answers, that failed
  std::uint64_t bad_statuses = 0;  ///< answers other than 2xx, which are in `requests` too
  std::size_t idle_answered = 0;   ///< idle connections that got their answer
  std::size_t idle_closed = 0;     ///< of these, the ones that the server has closed since
};

/// Each connection sends a request, waits for the answer, and sends the next, on this thread, until
/// the time is over; one that the server closes is opened again. An answer that does not come does
/// not hold the run up. Throws std::system_error where the system refuses sockets.
load_result run_load(const load_options& options);

}  // namespace bench::http
