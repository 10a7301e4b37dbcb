#pragma once

#include <memory>

#include "model/random_source.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::attacks {

/// Returns the disk after a power cut now. How much unsynced data survives follows one of several
/// random patterns: nothing, everything, everything up to a moment, single sectors, all but single
/// sectors, or each sector independently. What does not survive is missing, NUL, torn, or (if the
/// file has a durable marker, see docs/attacks.md) garbage.
std::unique_ptr<testing::memory_file_system> cut_power(const testing::memory_file_system& disk,
                                                       model::random_source& random);

}  // namespace buntdb::attacks
