#pragma once

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "search.hpp"

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
  /// Somebody else has taken the first slot and keeps it to the end, so that readers need others.
  bool crowded = false;
  /// One thread publishes, another one reclaims.
  bool separate = false;
  /// Of objects, for each call of reclaimer::collect().
  std::uint64_t budget = std::numeric_limits<std::uint64_t>::max();
};

/// For each thread, what it came upon: a reader which versions, the reclaimer after each look how
/// much was left.
using outcome = std::vector<std::vector<std::uint64_t>>;

struct figures {
  std::uint64_t executions = 0;
  std::uint64_t redundant = 0;  ///< executions that were given up: the same as others
  std::uint64_t points = 0;     ///< at which a thread was picked
  std::set<outcome> outcomes;
};

/// Explores all executions, up to a number of them if that is not 0; the violation of a rule ends
/// the program.
figures explore_all(const scenario& what, search decisions, std::uint64_t max_executions);

std::string describe(const scenario& what);

}  // namespace explore
