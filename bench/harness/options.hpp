#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/common_options.hpp"

namespace bench {

/// What a process that was started for one measurement should do; see child.hpp.
struct child_task {
  std::string job;
  std::string contender;
};

struct options : common_options {
  std::vector<std::size_t> sessions = {1'000'000};
  std::vector<std::size_t> growth = {10'000, 100'000, 1'000'000, 10'000'000};
  std::string folder = {};  ///< for database files; empty: a new temporary one
  std::optional<child_task> child = {};
};

/// Ends the program in the cases in which parse_command_line() does.
options parse_options(int argc, char** argv);

}  // namespace bench
