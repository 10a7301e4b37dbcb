#pragma once

#include <functional>
#include <string>

#include "version/version.hpp"

namespace buntdb::engine {

/// Gives the commands that a version consists of: the indexes it keeps, then the items in order of
/// their keys, in batches of about a MiB (one that holds a longer value is as long as that). Each
/// is put at the end of out, from out[begin] on, after the room for its marker (log::begin_batch).
/// emit is called when it is complete, to finish it where it stands; it may leave it there, or take
/// away all that out holds. The next one begins where out then ends.
///
/// Throws std::bad_alloc and what emit throws; out may then end in part of a batch.
void for_each_dump_batch(const version& base, std::string& out,
                         const std::function<void(std::size_t begin)>& emit);

/// Appends the same commands, without batches.
void append_dump(const version& base, std::string& out);

}  // namespace buntdb::engine
