#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/repeat_for.hpp"
#include "harness/run.hpp"
#include "stores/options.hpp"

namespace bench::stores {

/// One implementation of a workload.
struct contestant {
  std::string name;
  /// What a thread does on its own sessions: `count` sessions beginning with `first`.
  std::function<operation(std::size_t first, std::size_t count)> on_sessions;
};

/// Measures everything that matches the filter, in turn, on one thread and on four: as WORKLOAD,
/// with processor time, and as "WORKLOAD, 4 threads".
void hold(run& run, const options& options, std::string_view workload,
          const std::vector<contestant>& contestants);

}  // namespace bench::stores
