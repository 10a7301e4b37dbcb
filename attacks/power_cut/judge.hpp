#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "model/random_source.hpp"
#include "model/state.hpp"
#include "support/fake_clock.hpp"
#include "support/figures.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::attacks {

/// The path of the file under attack on the simulated disk.
inline constexpr const char* attacked_path = "/data/app.db";

/// What may be found after a power cut: states[i] for one i with floor <= i <= ceiling.
struct allowed {
  const std::vector<model::state>& states;
  std::size_t floor;
  std::size_t ceiling;
};

/// Opens a database on what a power cut has left, and requires that
///
///  1. it opens,
///  2. it shows exactly one of the allowed states,
///  3. what was cut off the file is kept in a file next to it, byte for byte, and reported,
///  4. the same holds for power cuts in the middle of that recovery,
///  5. what is committed and synced afterward survives the next power cut.
///
/// Returns the index of the state. Throws model::mismatch.
std::size_t judge(testing::memory_file_system& disk, const testing::fake_clock& clock,
                  const allowed& what, model::random_source& random, figures& counts,
                  int depth = 0);

}  // namespace buntdb::attacks
