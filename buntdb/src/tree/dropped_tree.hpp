#pragma once

#include "memory/pool.hpp"
#include "tree/retirable.hpp"

namespace buntdb::engine {

/// A tree of an index that its version gave up as a whole, with all its nodes and, in an ordered
/// index, all its entries: the index was dropped, or all items were erased. Its own `born` is 0,
/// which is not later than that of anything in it.
struct dropped_tree : retirable {
  retirable* root;

  explicit dropped_tree(retirable* tree) noexcept : retirable(kind::dropped_tree, 0), root(tree) {}

  /// Throws std::bad_alloc.
  static dropped_tree* create(pool& memory, retirable* root) {
    return ::new (memory.allocate(sizeof(dropped_tree))) dropped_tree(root);
  }
  /// Does not free the tree.
  static void destroy(pool& memory, dropped_tree* dropped) noexcept {
    memory.deallocate(dropped, sizeof(dropped_tree));
  }
};

}  // namespace buntdb::engine
