#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/results.hpp"

namespace bench {

enum class verdict { met, not_met, not_stated };

/// A goal of the project's (issue 8), and what was measured.
struct target_check {
  std::string row;
  std::string target;
  std::string measured;  ///< against what ran here
  verdict here = verdict::not_stated;
  std::string scaled;  ///< against BuntDB 1.3.2, see below
  verdict against_newer = verdict::not_stated;
};

/// Those whose figures are there. Goals against BuntDB come twice: against the version that runs
/// here, and against 1.3.2, whose figures were measured elsewhere, where unordered_map took 0.8 µs
/// for a find: they are multiplied by what it takes here, divided by that.
std::vector<target_check> check_targets(const results& results,
                                        const std::vector<std::size_t>& sizes);

/// For which size the goals are stated; check_targets() looks at the largest one of those measured
/// up to this.
inline constexpr std::size_t target_sessions = 1'000'000;

}  // namespace bench
