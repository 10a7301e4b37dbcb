#pragma once

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// The child of an inner node to which a box goes: the one that it makes longer by the least, then
/// the smallest. `around` is the smallest box around the node.
unsigned choose_child(const rtree_node& node, const box& around, const box& added) noexcept;

/// The child other than `index`, with at most max_count entries, to which child `index`'s entries
/// would go best; its own index if there is none.
unsigned choose_sibling(const rtree_node& node, unsigned index, unsigned max_count) noexcept;

/// The most entries of a full node, and one more, that a split puts into one of two.
constexpr unsigned split_capacity = rtree_node::max_count * 5 / 8;

/// Distributes the entries of a full node, and one more, over the node and an empty one, which has
/// room for split_capacity. `around` is a box around the node and its siblings.
void split(rtree_node& left, rtree_node& right, const box& around, const box& added,
           void* slot) noexcept;

}  // namespace buntdb::spatial
