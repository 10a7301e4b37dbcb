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
  unsigned versions = 2;  ///< published by the writer
  unsigned pins = 1;      ///< taken by each reader
  /// Whether a reader takes its next pin before it releases the last one.
  bool overlap = false;
  /// Whether each reader keeps its last pin to the end.
  bool keep = false;
  /// Whether the first slot is taken to the end, so that readers need other slots.
  bool crowded = false;
  /// Whether one thread publishes and another one reclaims.
  bool separate = false;
  /// The number of objects for each call of reclaimer::collect().
  std::uint64_t budget = std::numeric_limits<std::uint64_t>::max();
};

/// For each thread, what it observed: a reader the versions, the reclaimer how much was left after
/// each call.
using outcome = std::vector<std::vector<std::uint64_t>>;

struct figures {
  std::uint64_t executions = 0;
  /// Executions that were given up because they are equivalent to others.
  std::uint64_t redundant = 0;
  std::uint64_t points = 0;  ///< at which a thread was chosen
  std::set<outcome> outcomes;
};

/// Explores all executions, or at most max_executions if that is not 0. The violation of a rule
/// ends the program.
figures explore_all(const scenario& what, search decisions, std::uint64_t max_executions);

std::string describe(const scenario& what);

}  // namespace explore
