#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace bench::http {

struct options {
  unsigned rounds = 5;
  double seconds = 1;           ///< of each load
  std::size_t sessions = 4096;  ///< of the loads on many sessions
  /// never, every_second or always: measures bench_http_server and the Go program with this policy,
  /// instead of the programs as they are shipped. Empty: those.
  std::string sync = {};
  std::filesystem::path json_file = {};
  std::string label = {};  ///< which state of the project this is
};

/// Prints help or what is wrong and ends the program where that is all that can be done.
options parse_options(int count, char** words);

}  // namespace bench::http
