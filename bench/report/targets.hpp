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
  /// The least that any design of this kind would take, in the unit of the figure, as measured in
  /// the same run. Empty if it was not measured.
  std::string floor;
  bool met = false;
};

/// Returns the goals for which there are figures.
std::vector<target_check> check_targets(const results& results,
                                        const std::vector<std::size_t>& sizes);

/// The size for which the goals are stated; check_targets() uses the largest measured size up to
/// this one.
inline constexpr std::size_t target_sessions = 1'000'000;

}  // namespace bench
