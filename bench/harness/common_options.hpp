#pragma once

#include <string>

namespace CLI {
class App;
}

namespace bench {

/// The options of every benchmark program.
struct common_options {
  unsigned repeat = 5;
  std::string filter = ".*";  ///< of WORKLOAD/CONTENDER; if the program has it
  std::string json_file = {};
  std::string label = {};  ///< identifies a state of the project
  bool quick = false;      ///< only checks that it runs; the figures mean nothing
};

/// Adds these options, except --filter, to a program's own. `quick` is the help text for --quick.
void add_common_options(CLI::App& app, common_options& chosen, const std::string& quick);
void add_filter_option(CLI::App& app, common_options& chosen);

/// Parses the command line. Prints help or an error and ends the program if there is nothing else
/// to do.
void parse_command_line(CLI::App& app, int count, char** words);

}  // namespace bench
