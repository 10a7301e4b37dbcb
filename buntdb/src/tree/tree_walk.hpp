#pragma once

#include <cstdint>

#include "memory/pool.hpp"

namespace buntdb::engine {

// Walks over the nodes of a tree, for both kinds of tree: a Node has a level, a count, children()
// and entries(). They allocate nothing; the depth of recursion is the height of the tree.

/// Calls on_child for each child of an inner node, or on_entry for each entry of a leaf.
template <class Node, class OnChild, class OnEntry>
void for_each_slot(Node* at, const OnChild& on_child, const OnEntry& on_entry) {
  if (at->level != 0) {
    for (unsigned i = 0; i < at->count; ++i)
      on_child(at->children()[i]);
  } else {
    for (unsigned i = 0; i < at->count; ++i)
      on_entry(at->entries()[i]);
  }
}

/// Calls on_entry for each entry below `root`, which may be null. Calls leave for each node after
/// everything below it, so that leave may free it. If enters returns false for a node, the node and
/// everything below it are skipped. Throws what the functions throw.
template <class Node, class Enters, class OnEntry, class Leave>
void for_each_below(Node* root, const Enters& enters, const OnEntry& on_entry, const Leave& leave) {
  if (root == nullptr || !enters(root)) return;
  for_each_slot(
      root, [&](Node* child) { for_each_below(child, enters, on_entry, leave); }, on_entry);
  leave(root);
}

inline constexpr auto every_node = [](const auto*) { return true; };
inline constexpr auto no_entry = [](void*) {};

/// Frees every node below `root`, whichever version it belongs to.
template <class Node>
void destroy_tree(pool& memory, Node* root) noexcept {
  for_each_below(root, every_node, no_entry, [&](Node* node) { Node::destroy(memory, node); });
}

/// Gives up a root: frees the nodes below it that belong to this version only.
template <class Node>
void discard_tree(pool& memory, Node* root, std::uint64_t version) noexcept {
  for_each_below(
      root, [version](const Node* node) { return node->born == version; }, no_entry,
      [&](Node* node) { Node::destroy(memory, node); });
}

}  // namespace buntdb::engine
