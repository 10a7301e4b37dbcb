#include "reclaim/deferred_free.hpp"

#include <algorithm>

#include "index/entry.hpp"
#include "index/roots.hpp"
#include "spatial/rtree.hpp"
#include "tree/dropped_tree.hpp"
#include "tree/node.hpp"

namespace buntdb::engine {

void deferred_free::free(retirable* retired) noexcept {
  switch (retired->type()) {
    case retirable::kind::node:
      node::destroy(memory_, static_cast<node*>(retired));
      break;
    case retirable::kind::rtree_node:
      spatial::rtree_node::destroy(memory_, static_cast<spatial::rtree_node*>(retired));
      break;
    case retirable::kind::index_entry:
      index_entry::destroy(memory_, static_cast<index_entry*>(retired));
      break;
    case retirable::kind::index_roots:
      index_roots::destroy(memory_, static_cast<index_roots*>(retired));
      break;
    case retirable::kind::dropped_tree:
      add(static_cast<dropped_tree*>(retired)->root);
      dropped_tree::destroy(memory_, static_cast<dropped_tree*>(retired));
      break;
  }
}

void deferred_free::step(std::uint64_t& budget) noexcept {
  while (stack_ != nullptr && budget != 0) {
    retirable* top = stack_;
    stack_ = top->next_retired;
    std::uint64_t freed = 1;
    if (top->type() == retirable::kind::node) {
      auto* top_node = static_cast<node*>(top);
      for (unsigned i = 0; i < top_node->count; ++i) {
        if (top_node->level != 0) {
          push(top_node->children()[i]);
        } else {
          index_entry::destroy(memory_, static_cast<index_entry*>(top_node->entries()[i]));
          ++freed;
        }
      }
      node::destroy(memory_, top_node);
    } else {  // whose entries are items
      auto* top_node = static_cast<spatial::rtree_node*>(top);
      if (top_node->level != 0) {
        for (unsigned i = 0; i < top_node->count; ++i)
          push(top_node->children()[i]);
      }
      spatial::rtree_node::destroy(memory_, top_node);
    }
    budget -= std::min(budget, freed);
  }
}

}  // namespace buntdb::engine
