#pragma once

#include <chrono>
#include <cstddef>

#include "harness/common_options.hpp"

namespace bench::stores {

struct options : common_options {
  /// The number in each store. Comparisons with a bare client use at most a thousand, so that a
  /// near cache can keep them.
  std::size_t sessions = 10'000;
  std::chrono::duration<double> time{0.2};  ///< of each measurement
};

/// Ends the program in the cases in which parse_command_line() does.
options parse_options(int count, char** words);

}  // namespace bench::stores
