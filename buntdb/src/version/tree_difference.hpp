#pragma once

#include <vector>

#include "tree/node.hpp"
#include "version/item.hpp"

namespace buntdb::engine {

/// A key whose item differs between two versions. `previous` is null if the later version added the
/// key; `now` is null if it removed it.
struct changed_item {
  item* previous;
  item* now;
};

/// Returns the differences between the keys trees of two versions, in key order. Versions share the
/// nodes that did not change, so the time depends on the number of differences and not on the size
/// of the trees. Both versions must be pinned, or the caller must hold the writer's lock. Throws
/// std::bad_alloc.
std::vector<changed_item> difference(const node* before, const node* after);

}  // namespace buntdb::engine
