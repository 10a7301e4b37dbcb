#include "reclaim/deferred_free.hpp"

#include <algorithm>

#include "index/entry.hpp"
#include "index/roots.hpp"
#include "index/tree_walk.hpp"
#include "tree/dropped_tree.hpp"

namespace buntdb::engine {

void deferred_free::free(retirable* retired) noexcept {
  switch (retired->type()) {
    case retirable::kind::node:
    case retirable::kind::rtree_node:
      free_node(retired);
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

void deferred_free::free_node(retirable* at) noexcept {
  as_node(at, [this]<class Node>(Node* node) { Node::destroy(memory_, node); });
}

void deferred_free::step(std::uint64_t& budget) noexcept {
  while (stack_ != nullptr && budget != 0) {
    retirable* top = stack_;
    stack_ = top->next_retired;
    std::uint64_t freed = 1;
    const auto free_entry = [&](index_entry* entry) {
      index_entry::destroy(memory_, entry);
      ++freed;
    };
    for_each_slot(
        top, [this](retirable* child) { push(child); }, free_entry);
    free_node(top);
    budget -= std::min(budget, freed);
  }
}

}  // namespace buntdb::engine
