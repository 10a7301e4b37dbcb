#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/results.hpp"

namespace bench {

/// A goal of the project (docs/performance.md), and what was measured.
struct target_check {
  std::string row;
  std::string goal;
  std::string figure;
  /// The least that any design of this kind would take, in the unit of the figure, as it was
  /// measured in the same run. Empty where none was measured.
  std::string floor;
  bool met = false;
};

/// Those whose figures are there.
std::vector<target_check> check_targets(const results& results,
                                        const std::vector<std::size_t>& sizes);

/// For which size the goals are stated; check_targets() looks at the largest one of those measured
/// up to this.
inline constexpr std::size_t target_sessions = 1'000'000;

}  // namespace bench
