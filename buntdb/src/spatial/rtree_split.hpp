#pragma once

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// The most entries of a full node, and one more, that a split puts into one of two.
constexpr unsigned split_capacity = rtree_node::max_count * 5 / 8;
static_assert(split_capacity % 4 == 0, "searches compare four of a node's boxes at a time");

/// Distributes the entries of a full node, and one more, over the node and an empty one, which has
/// room for split_capacity. `around` is a box around the node and its siblings: by its sides, not
/// by the node's own, is told which of those are long, so that what is too long is cut across.
void split(rtree_node& left, rtree_node& right, const box& around, const box& added,
           void* slot) noexcept;

}  // namespace buntdb::spatial
