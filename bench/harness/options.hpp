#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace bench {

/// What a process that was started for one measurement shall do; see child.hpp.
struct child_task {
  std::string job;
  std::string contender;
};

struct options {
  std::vector<std::size_t> sessions = {1'000'000};
  std::vector<std::size_t> growth = {10'000, 100'000, 1'000'000, 10'000'000};
  unsigned repeat = 5;
  std::string filter = ".*";
  std::string json_file = {};
  std::string folder = {};  ///< for database files; empty: a new one among the temporary files
  std::string label = {};   ///< which state of the project this is
  bool quick = false;
  std::optional<child_task> child = {};
};

/// Prints help or what is wrong and ends the program where that is all that can be done.
options parse_options(int argc, char** argv);

}  // namespace bench
