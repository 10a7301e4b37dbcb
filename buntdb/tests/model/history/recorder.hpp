#pragma once

#include <cstdint>

#include <buntdb/options.hpp>

#include "model/history/history.hpp"

namespace buntdb::model {

struct history_plan {
  std::uint64_t seed = 1;
  sync_policy policy = sync_policy::every_second;
  unsigned threads = 8;
  unsigned steps = 200;  ///< of each thread: transactions and snapshots
  std::uint32_t keys = 6;
};

/// Runs threads of random read-modify-write transactions and snapshots on a database of its own
/// (the background's steps beside them) and gives what all of them saw and wrote. A thread's
/// choices follow from the seed; how the threads meet does not. Throws what the database throws,
/// and mismatch when something is wrong at once: a reopened database that does not hold the last
/// state.
history record(const history_plan& plan);

}  // namespace buntdb::model
