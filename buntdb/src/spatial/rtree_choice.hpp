#pragma once

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// The child of an inner node to which a box goes: the smallest one that it need not make longer.
/// If there is none, then of the few that it makes longer by the least the one that comes to
/// overlap its siblings the least. `around` is the smallest box around the node.
unsigned choose_child(const rtree_node& node, const box& around, const box& added) noexcept;

/// The child other than `index`, with at most max_count entries, to which child `index`'s entries
/// would go best; its own index if there is none.
unsigned choose_sibling(const rtree_node& node, unsigned index, unsigned max_count) noexcept;

}  // namespace buntdb::spatial
