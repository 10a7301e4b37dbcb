#pragma once

#include <functional>
#include <string>

#include "version/version.hpp"

namespace buntdb::engine {

/// Writes the commands that a version consists of: its persistent indexes, then its items in key
/// order, in batches of about one MiB. A batch with a longer value is as long as that value. Each
/// batch is appended to `out` and begins at out[begin], with room for its marker
/// (log::begin_batch). When a batch is complete, emit(begin) is called to finish it in place.
/// emit() may leave it in `out` or clear `out` entirely; the next batch begins at the end of `out`.
///
/// Throws std::bad_alloc and what emit() throws; `out` may then end with part of a batch.
void for_each_dump_batch(const version& base, std::string& out,
                         const std::function<void(std::size_t begin)>& emit);

/// Appends the same commands, without batches.
void append_dump(const version& base, std::string& out);

}  // namespace buntdb::engine
