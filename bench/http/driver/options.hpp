#pragma once

#include <cstddef>
#include <string>

#include "harness/common_options.hpp"

namespace bench::http {

struct options : common_options {
  double seconds = 1;           ///< of each load
  std::size_t sessions = 4096;  ///< of the loads on many sessions
  /// never, every_second or always: measures bench_http_server and the Go program with this policy,
  /// instead of the programs as they are shipped. Empty: the shipped programs.
  std::string sync = {};
};

/// Ends the program in the cases in which parse_command_line() does.
options parse_options(int count, char** words);

}  // namespace bench::http
