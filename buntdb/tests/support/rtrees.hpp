#pragma once

#include <span>

#include <buntdb/rect.hpp>

#include "memory/pool.hpp"
#include "spatial/rtree.hpp"
#include "spatial/rtree_load.hpp"
#include "tree/tree_walk.hpp"

namespace buntdb::testing {

struct rtree_entry {
  rect where;
  void* entry;
};

/// Builds the tree of all these entries. Throws std::bad_alloc; nothing was built then.
inline spatial::rtree_node* bulk_load(engine::pool& memory, std::uint64_t version,
                                      std::span<const rtree_entry> entries) {
  if (entries.empty()) return nullptr;
  spatial::rtree_loader loader(entries.front().where.dimensions());
  for (const rtree_entry& one : entries)
    loader.add(one.where, one.entry);
  return loader.build(memory, version);
}

/// Discards a transaction: frees its nodes, those below the root and those that it retired after it
/// had made them.
inline void discard(engine::pool& memory, spatial::rtree_editor& editor, spatial::rtree_node* root,
                    std::uint64_t version) {
  engine::discard_tree(memory, root, version);
  while (!editor.retired().empty()) {
    auto* node = static_cast<spatial::rtree_node*>(editor.retired().pop_front());
    if (node->born == version) spatial::rtree_node::destroy(memory, node);
  }
}

}  // namespace buntdb::testing
