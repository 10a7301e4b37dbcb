#pragma once

#include <string>
#include <vector>

#include "support/memory_file_system.hpp"

namespace buntdb::testing {

/// Applies a change to the bytes of a file.
void change_image(std::string& image, const unsynced_change& change);

/// Removes from older writes what this change has overwritten or cut off.
void supersede(std::vector<unsynced_change>& older, const unsynced_change& by);

/// Returns the bytes of a file after a power cut: those that were on disk for certain, with the
/// effect of each unsynced change.
std::string image_after(const power_cut& cut, const std::string& path, const std::string& durable,
                        const std::vector<unsynced_change>& unsynced);

}  // namespace buntdb::testing
