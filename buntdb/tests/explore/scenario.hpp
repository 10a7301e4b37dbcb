#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace explore {

/// What the threads of an execution do.
struct scenario {
  unsigned readers = 1;
  unsigned versions = 2;  ///< that the writer publishes
  unsigned pins = 1;      ///< that each reader takes
  /// A reader takes its next pin before it gives back the last.
  bool overlap = false;
  /// Each reader keeps its last pin to the end.
  bool keep = false;
  /// One thread publishes, another one reclaims.
  bool separate = false;
  /// Of objects, for each call of reclaimer::collect().
  std::uint64_t budget = std::numeric_limits<std::uint64_t>::max();
  /// None: all schedules.
  std::optional<unsigned> max_preemptions = {};
};

struct figures {
  std::uint64_t executions = 0;
  std::uint64_t redundant = 0;  ///< executions that were given up: the same as others
  std::uint64_t points = 0;     ///< at which a thread was picked
};

/// Explores all executions, up to a number of them if that is not 0; the violation of a rule ends
/// the program.
figures explore_all(const scenario& what, std::uint64_t max_executions);

std::string describe(const scenario& what);

}  // namespace explore
