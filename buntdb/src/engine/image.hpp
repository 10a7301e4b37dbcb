#pragma once

#include <functional>
#include <string>

#include "engine/version.hpp"

namespace buntdb::engine {

/// Gives the commands that a version consists of: the indexes it keeps, then the items in order of
/// their keys. emit is called with one batch of about a MiB after the other, each behind the room
/// for its marker (log::begin_batch), and may change it. Throws std::bad_alloc and what emit
/// throws.
void for_each_batch(const version& base, std::string& batch,
                    const std::function<void(std::size_t begin)>& emit);

}  // namespace buntdb::engine
