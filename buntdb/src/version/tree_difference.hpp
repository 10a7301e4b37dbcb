#pragma once

#include <vector>

#include "tree/node.hpp"
#include "version/item.hpp"

namespace buntdb::engine {

/// A key whose item is another one in a later version: previous is null if it is new there, now if
/// it is gone.
struct changed_item {
  item* previous;
  item* now;
};

/// What differs between the keys trees of two versions, in order of keys. Versions share the nodes
/// that did not change, so this takes time by what differs, whatever the trees' size. Both must be
/// pinned, or be looked at under the writer's lock. Throws std::bad_alloc.
std::vector<changed_item> difference(const node* before, const node* after);

}  // namespace buntdb::engine
