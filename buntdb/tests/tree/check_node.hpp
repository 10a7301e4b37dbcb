#pragma once

#include <cstddef>

#include <gtest/gtest.h>

#include "tree/node.hpp"
#include "version/item.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {

/// Checks the invariants of node.hpp below a node. Returns the number of entries.
inline std::size_t check(const node& at, bool last) {
  EXPECT_LE(at.count, at.capacity);
  EXPECT_LE(at.capacity, node::max_count);
  EXPECT_GT(at.count, 0U);
  std::size_t entries = 0;
  for (unsigned i = 0; i < at.count; ++i) {
    const auto& item = *static_cast<const engine::item*>(at.entries()[i]);
    EXPECT_EQ(at.prefixes()[i], key_order::prefix_of(item.key()));
    if (i != 0) {
      EXPECT_LT(static_cast<const engine::item*>(at.entries()[i - 1])->key(), item.key());
    }
    if (at.level == 0) {
      ++entries;
      continue;
    }
    const node& child = *at.children()[i];
    const bool last_child = last && i + 1U == at.count;
    EXPECT_EQ(child.level + 1, at.level);
    EXPECT_EQ(child.entries()[0], at.entries()[i]) << "not the smallest entry of its child";
    if (!last_child) {
      EXPECT_GE(child.count, node::min_count);
    }
    entries += check(child, last_child);
  }
  return entries;
}

}  // namespace buntdb::engine
