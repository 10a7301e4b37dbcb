#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <buntdb/options.hpp>

namespace buntdb::model {

/// What happened in a round.
struct summary {
  std::uint64_t operations = 0;
  std::uint64_t changes = 0;  ///< and queries, inside transactions
  std::uint64_t commits = 0;
  std::uint64_t reopens = 0;
  std::uint64_t swept = 0;
  std::uint64_t commits_lost = 0;
  std::uint64_t digest = 0;  ///< of the last state: the same for the same seed
};

/// Performs random operations on a database and on the model, beginning with an empty file. `step`
/// is the present position. Throws mismatch when the two differ.
summary run_round(std::uint64_t seed, sync_policy policy, std::uint64_t operations,
                  std::atomic<std::uint64_t>& step);

}  // namespace buntdb::model
