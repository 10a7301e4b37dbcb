#pragma once

#include <string>
#include <vector>

namespace buntdb::attacks {

struct command_result {
  int status = 0;      ///< as waitpid() gives it
  std::string output;  ///< what it wrote to its standard output
};

/// Runs a program found on the PATH, its standard error left alone, and waits for its end. Exit
/// status 127 if there is no such program. Throws std::system_error.
command_result run_command(const std::vector<std::string>& words);

}  // namespace buntdb::attacks
