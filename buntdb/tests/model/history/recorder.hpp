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

/// Runs threads with random read-modify-write transactions and snapshots on a separate database,
/// concurrently with the background steps, and returns what all of them read and wrote. A thread's
/// choices follow from the seed; the interleaving does not. Throws what the database throws, and
/// mismatch if something is wrong immediately: a reopened database that does not have the last
/// state.
history record(const history_plan& plan);

}  // namespace buntdb::model
