#pragma once

#include <cstddef>
#include <vector>

#include "harness/options.hpp"
#include "harness/run.hpp"

namespace bench {

/// Each measures all its contenders in turn, round after round, and skips what the filter leaves
/// out. A further group is a further function here and a call in main.cpp.

void measure_footprint(run& run);   ///< memory per session, reopen: in processes of their own
void measure_key_values(run& run);  ///< save, find, overwrite, mixed, ascend, reads beside a writer
void measure_durable(run& run);     ///< saves that are on disk before they return
void measure_requests(run& run);    ///< session requests in process: scs on its stores

void measure_compaction(run& run);    ///< compact(), and who waits for it
void measure_indexes(run& run);       ///< sets and searches with an index, beside BuntDB
void measure_idle_indexes(run& run);  ///< what indexes cost that do not match, and building one

/// What buntdb's operations cost in memory at each of the sizes, beside a chain of loads.
void measure_growth(const run& any, const std::vector<std::size_t>& sizes);

/// What a child started by measure_footprint does.
void run_footprint_child(const options& options);

}  // namespace bench
