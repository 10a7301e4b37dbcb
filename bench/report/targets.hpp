#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/results.hpp"

namespace bench {

enum class verdict { met, not_met, not_stated };

/// A goal of the project, and what was measured.
struct target_check {
  std::string row;
  std::string target;
  std::string measured;  ///< compared with what ran here
  verdict here = verdict::not_stated;
  std::string scaled;  ///< compared with BuntDB 1.3.2, see below
  verdict against_newer = verdict::not_stated;
};

/// Returns the goals for which there are figures. Goals relative to BuntDB are listed twice:
/// relative to the version that runs here, and relative to 1.3.2, whose figures were measured on
/// another machine, where unordered_map took 0.8 µs for a find. Those figures are multiplied by
/// what it takes here, divided by that.
std::vector<target_check> check_targets(const results& results,
                                        const std::vector<std::size_t>& sizes);

/// The size for which the goals are stated; check_targets() uses the largest measured size up to
/// this one.
inline constexpr std::size_t target_sessions = 1'000'000;

}  // namespace bench
