#pragma once

#include <string>
#include <vector>

#include "support/memory_file_system.hpp"

namespace buntdb::testing {

/// Applies a change to the bytes of a file.
void change_image(std::string& image, const unsynced_change& change);

/// Takes out of older writes what this change has written over or cut off.
void supersede(std::vector<unsynced_change>& older, const unsynced_change& by);

/// The bytes of a file after the power went: those that were on disk for certain, and what became
/// of each unsynced change.
std::string image_after(const power_cut& cut, const std::string& path, const std::string& durable,
                        const std::vector<unsynced_change>& unsynced);

}  // namespace buntdb::testing
