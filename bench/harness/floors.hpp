#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/results.hpp"

namespace bench {

/// What the project has promised itself (issue 3), and what was measured.
struct floor_check {
  std::string promise;
  std::string measured;
  bool met;
};

/// Those whose figures are there.
std::vector<floor_check> check_floors(const results& results, std::size_t sessions);

}  // namespace bench
