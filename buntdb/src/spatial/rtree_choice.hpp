#pragma once

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// Returns the child of an inner node to which a box should be added: the smallest one that need
/// not be lengthened. If there is none, of the few that would be lengthened the least, the one that
/// would overlap its siblings the least. `around` is the smallest box around the node.
unsigned choose_child(const rtree_node& node, const box& around, const box& added) noexcept;

/// Returns the child, other than `index` and with at most max_count entries, that fits the entries
/// of child `index` best. Returns `index` if there is none.
unsigned choose_sibling(const rtree_node& node, unsigned index, unsigned max_count) noexcept;

}  // namespace buntdb::spatial
