#include "engine/tree_felling.hpp"

#include <algorithm>

#include "engine/index_entry.hpp"
#include "engine/index_table.hpp"
#include "engine/node.hpp"
#include "spatial/rtree.hpp"

namespace buntdb::engine {

void tree_felling::free(retirable* retired) noexcept {
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
    case retirable::kind::index_table:
      index_table::destroy(memory_, static_cast<index_table*>(retired));
      break;
    case retirable::kind::dropped_tree:
      add(static_cast<dropped_tree*>(retired)->root);
      dropped_tree::destroy(memory_, static_cast<dropped_tree*>(retired));
      break;
  }
}

void tree_felling::step(std::uint64_t& budget) noexcept {
  while (stack_ != nullptr && budget != 0) {
    retirable* top = stack_;
    stack_ = top->next_retired;
    std::uint64_t freed = 1;
    if (top->type() == retirable::kind::node) {
      auto* felled = static_cast<node*>(top);
      for (unsigned i = 0; i < felled->count; ++i) {
        if (felled->level != 0) {
          push(felled->children()[i]);
        } else {
          index_entry::destroy(memory_, static_cast<index_entry*>(felled->entries()[i]));
          ++freed;
        }
      }
      node::destroy(memory_, felled);
    } else {  // whose entries are items
      auto* felled = static_cast<spatial::rtree_node*>(top);
      if (felled->level != 0) {
        for (unsigned i = 0; i < felled->count; ++i)
          push(felled->children()[i]);
      }
      spatial::rtree_node::destroy(memory_, felled);
    }
    budget -= std::min(budget, freed);
  }
}

}  // namespace buntdb::engine
