#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http/driver/loads.hpp"

namespace bench::http {

/// What wrk has counted. Percentiles are in nanoseconds, without the time for connecting.
struct wrk_result {
  double seconds = 0;
  std::uint64_t requests = 0;
  double p50_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  /// Answers other than 2xx and 3xx, and all errors of sockets.
  std::uint64_t errors = 0;
};

/// Runs wrk with one thread. Throws if that is not possible.
wrk_result run_wrk(const load& load, int port, const std::vector<std::string>& cookies,
                   double seconds);

}  // namespace bench::http
