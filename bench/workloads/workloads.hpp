#pragma once

#include <cstddef>
#include <vector>

#include "harness/options.hpp"
#include "harness/run.hpp"

namespace bench {

/// Each function measures all its contenders in turn, round after round, and skips what the filter
/// excludes. To add a group, add a function here and a call in main.cpp.

void measure_footprint(run& run);   ///< memory per session, reopen: in processes of their own
void measure_key_values(run& run);  ///< save, find, overwrite, mixed, ascend, reads during writes
void measure_durable(run& run);     ///< saves that are on disk before they return
void measure_requests(run& run);    ///< session requests in process: scs on its stores

void measure_compaction(run& run);    ///< compact(), and how long others wait for it
void measure_indexes(run& run);       ///< sets and searches with an index, compared with BuntDB
void measure_idle_indexes(run& run);  ///< the cost of indexes that do not match, and building one

/// What buntdb's operations cost in memory at each of the sizes, compared with a chain of loads.
void measure_growth(const run& any, const std::vector<std::size_t>& sizes);

/// What a child started by measure_footprint does.
void run_footprint_child(const options& options);

}  // namespace bench
