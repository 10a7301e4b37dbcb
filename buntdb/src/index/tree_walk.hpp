#pragma once

#include "index/entry.hpp"
#include "spatial/rtree_node.hpp"
#include "tree/node.hpp"
#include "tree/retirable.hpp"
#include "tree/tree_walk.hpp"

namespace buntdb::engine {

// The walks of tree/tree_walk.hpp for a tree of an index of either kind. Only an ordered index that
// keeps sort keys has its own entries, and on_entry is called for these. The leaves of the other
// indexes contain items.

template <class Function>
auto to_index_entry(const Function& on_entry) {
  return [&on_entry](const void* place) {
    index_entry* entry = static_cast<const index_place*>(place)->entry();
    if (entry != nullptr) on_entry(entry);
  };
}

/// Calls `use` with the node as its actual type.
template <class Function>
void as_node(retirable* at, const Function& use) {
  if (at->type() == retirable::kind::node) {
    use(static_cast<node*>(at));
  } else {
    use(static_cast<spatial::rtree_node*>(at));
  }
}

template <class OnChild, class OnEntry>
void for_each_slot(retirable* at, const OnChild& on_child, const OnEntry& on_entry) {
  if (at->type() == retirable::kind::node) {
    for_each_slot(static_cast<node*>(at), on_child, to_index_entry(on_entry));
  } else {
    for_each_slot(static_cast<spatial::rtree_node*>(at), on_child, no_entry);
  }
}

template <class Enters, class OnEntry, class Leave>
void for_each_below(retirable* root, const Enters& enters, const OnEntry& on_entry,
                    const Leave& leave) {
  if (root == nullptr) return;
  if (root->type() == retirable::kind::node) {
    for_each_below(static_cast<node*>(root), enters, to_index_entry(on_entry), leave);
  } else {
    for_each_below(static_cast<spatial::rtree_node*>(root), enters, no_entry, leave);
  }
}

}  // namespace buntdb::engine
