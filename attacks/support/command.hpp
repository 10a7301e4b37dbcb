#pragma once

#include <string>
#include <vector>

namespace buntdb::attacks {

struct command_result {
  int status = 0;      ///< as from waitpid()
  std::string output;  ///< what it wrote to its standard output
};

/// Runs a program found on the PATH, without redirecting its standard error, and waits for its end.
/// The exit status is 127 if there is no such program. Throws std::system_error.
command_result run_command(const std::vector<std::string>& words);

}  // namespace buntdb::attacks
