#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "tree/cursor.hpp"
#include "tree/node.hpp"
#include "tree/search.hpp"
#include "tree/spare_nodes.hpp"
#include "tree/tree_walk.hpp"

namespace buntdb::engine {

/// Changes a tree copy-on-write on behalf of one version. Nodes of older versions are copied before
/// they change; the old nodes are added to retired().
///
/// Functions throw std::bad_alloc and what the order throws. The tree is then still a valid tree
/// that can be discarded, but it may contain half of the change.
class tree_editor {
 public:
  tree_editor(pool& memory, std::uint64_t version) noexcept : memory_(&memory), version_(version) {}

  /// Returns the nodes of older versions that the changed trees no longer use.
  retired_chain& retired() noexcept { return retired_; }
  std::uint64_t retired_count() const noexcept { return retired_count_; }

  /// Inserts the entry at the position of the probe. Returns the equal entry that it replaced, or
  /// null.
  template <tree_order Order>
  typename Order::entry* insert(node*& root, typename Order::entry& entry,
                                typename Order::probe probe);
  template <tree_order Order>
  typename Order::entry* insert(node*& root, typename Order::entry& entry) {
    return insert<Order>(root, entry, Order::probe_of(entry));
  }

  /// Removes the entry that equals the probe. Returns it, or null if there is none.
  template <tree_order Order>
  typename Order::entry* erase(node*& root, typename Order::probe probe);

  /// Removes the entry at the cursor, which must be a position in this tree in its present state.
  /// Sets `removed` as soon as the tree no longer has the entry, which may be before an exception.
  void erase_at(node*& root, const cursor& place, void*& removed);

  /// Gives up all nodes of a tree: those of this version are freed, older ones are retired.
  void retire_tree(node* root) noexcept;

  /// Gives up a root: frees the nodes below it that belong to this version only.
  void discard(node* root) noexcept { discard_tree(*memory_, root, version_); }

 private:
  struct step {
    node* at;
    unsigned index;
  };
  /// The path down to a leaf. This version owns all its nodes. steps[i].index is the child taken.
  struct node_path {
    std::array<step, node::max_depth> steps;
    unsigned depth = 0;  // number of inner nodes above the leaf
  };

  bool owned(const node* node) const noexcept { return node->born == version_; }
  node* own(node*& link, unsigned extra);
  void grow(node*& link);
  /// An entry to insert into a node, and its index.
  struct insertion {
    unsigned index;
    std::uint64_t prefix;
    void* entry;
    node* child;  // null in a leaf
  };
  void insert_at(node*& root, node_path& path, node* leaf, const insertion& added);
  bool reserve_split_nodes(node*& root, node_path& path, node*& leaf, unsigned index,
                           spare_nodes<node>& spare);
  static void split_upwards(node*& root, node_path& path, node* leaf, insertion added,
                            bool at_the_edge, spare_nodes<node>& spare) noexcept;
  void rebalance(node*& root, node_path& path, node* leaf);
  bool join_with_sibling(step& parent);
  static void refresh_minimum(node_path& path, unsigned depth) noexcept;

  pool* memory_;
  std::uint64_t version_;
  retired_chain retired_;
  std::uint64_t retired_count_ = 0;
};

template <tree_order Order>
typename Order::entry* tree_editor::insert(node*& root, typename Order::entry& entry,
                                           typename Order::probe probe) {
  const std::uint64_t prefix = Order::prefix_of(probe);
  if (root == nullptr) {
    root = node::create(*memory_, version_, 0, node::capacity_for(1));
    root->count = 1;
    root->put(0, prefix, &entry, nullptr);
    return nullptr;
  }
  node_path path;
  node** link = &root;
  while ((*link)->level != 0) {
    const unsigned index = child_index(search<Order>(**link, probe, prefix));
    // The next node is fetched while this one is copied.
    prefetch_leaf((*link)->children()[index]);
    node* inner = own(*link, 1);
    path.steps[path.depth++] = {inner, index};
    link = &inner->children()[index];
  }
  node* at = own(*link, 1);
  const node_position position = search<Order>(*at, probe, prefix);
  if (!position.exact) {
    insert_at(root, path, at, {position.index, prefix, &entry, nullptr});
    return nullptr;
  }
  void* replaced = std::exchange(at->entries()[position.index], &entry);
  if (position.index == 0) refresh_minimum(path, path.depth);
  return static_cast<typename Order::entry*>(replaced);
}

template <tree_order Order>
typename Order::entry* tree_editor::erase(node*& root, typename Order::probe probe) {
  cursor place;
  if (!place.seek<Order>(root, probe)) return nullptr;
  void* removed = nullptr;
  erase_at(root, place, removed);
  return static_cast<typename Order::entry*>(removed);
}

}  // namespace buntdb::engine
