#pragma once

#include <string>

namespace CLI {
class App;
}

namespace bench {

/// What every program here can be told.
struct common_options {
  unsigned repeat = 5;
  std::string filter = ".*";  ///< of WORKLOAD/CONTENDER; where the program has it
  std::string json_file = {};
  std::string label = {};  ///< which state of the project this is
  bool quick = false;      ///< does it run? The figures mean nothing
};

/// Adds these options to a program's own, but --filter. What --quick changes is its help text.
void add_common_options(CLI::App& app, common_options& chosen, const std::string& quick);
void add_filter_option(CLI::App& app, common_options& chosen);

/// Reads the command line. Prints help, or what is wrong, and ends the program where that is all
/// that can be done.
void parse_command_line(CLI::App& app, int count, char** words);

}  // namespace bench
