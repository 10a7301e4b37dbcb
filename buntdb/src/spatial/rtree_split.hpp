#pragma once

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// The greatest number of entries that a split puts into one of the two nodes.
constexpr unsigned split_capacity = rtree_node::max_count * 5 / 8;
static_assert(split_capacity % 4 == 0, "searches compare four of a node's boxes at a time");

/// Distributes the entries of a full node, and one more, over the node and an empty one with room
/// for split_capacity entries. `around` is a box around the node and its siblings. The lengths of
/// the node's sides are measured relative to it, so that elongated nodes are cut across their long
/// side.
void split(rtree_node& left, rtree_node& right, const box& around, const box& added,
           void* slot) noexcept;

}  // namespace buntdb::spatial
