// What happens to an R-tree, and to a search in it, when memory runs out, whichever allocation
// fails. In the same program as engine/out_of_memory_test.cpp.
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "memory/pool.hpp"
#include "spatial/rtree.hpp"
#include "support/failing_allocations.hpp"
#include "support/rtrees.hpp"

namespace buntdb {
namespace {

using testing::allocations_left;
using testing::until_it_has_enough;

std::size_t entries_below(const spatial::rtree_node* root) {
  spatial::intersects_cursor all(root, point({50}));
  std::size_t found = 0;
  while (all.next() != nullptr)
    ++found;
  return found;
}

TEST(out_of_memory_rtree, anywhere_in_its_changes_leaves_a_tree_that_can_be_discarded) {
  engine::pool memory;
  std::vector<testing::rtree_entry> all;
  std::vector<int> things(600);
  for (std::size_t i = 0; i < things.size(); ++i) {
    const auto x = static_cast<double>(i % 25);
    const auto y = static_cast<double>(i / 25);
    all.push_back({rect({0, x, y}, {100, x + 2, y}), &things[i]});
  }
  // Some entries are loaded and some inserted; rectangles with extent and points.
  spatial::rtree_node* const before = testing::bulk_load(memory, 1, std::span(all).first(300));
  const std::uint64_t blocks_before = memory.blocks();

  const int failures = until_it_has_enough([&] {
    spatial::rtree_editor editor(memory, 2);
    spatial::rtree_node* root = before;
    const auto give_up = [&] {
      testing::discard(memory, editor, root, 2);
      allocations_left = -1;
      EXPECT_EQ(memory.blocks(), blocks_before);
      EXPECT_EQ(entries_below(before), 300U);
    };
    try {
      for (std::size_t i = 300; i < all.size(); ++i)
        editor.insert(root, all[i].where, all[i].entry);
      editor.freeze();
      for (std::size_t i = 0; i < all.size(); i += 2)
        editor.erase(root, all[i].where, all[i].entry);
      for (std::size_t i = 0; i < 200; i += 2)
        editor.insert(root, point({50, all[i].where.min(1), all[i].where.min(2)}), all[i].entry);
    } catch (const std::bad_alloc&) {
      give_up();
      throw;
    }
    const std::int64_t left = allocations_left;
    EXPECT_EQ(entries_below(root), 400U);
    give_up();
    allocations_left = left;
  });
  EXPECT_GT(failures, 50);

  const int load_failures = until_it_has_enough([&] {
    spatial::rtree_node* root = nullptr;
    try {
      root = testing::bulk_load(memory, 2, all);
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(memory.blocks(), blocks_before);
      throw;
    }
    engine::destroy_tree(memory, root);
  });
  EXPECT_GT(load_failures, 20);
  engine::destroy_tree(memory, before);
  EXPECT_EQ(memory.blocks(), 0U);
}

TEST(out_of_memory_rtree, in_a_search_for_neighbors_loses_none_of_them) {
  engine::pool memory;
  std::vector<testing::rtree_entry> all;
  std::vector<int> things(5000);
  for (std::size_t i = 0; i < things.size(); ++i)
    all.push_back({point({static_cast<double>(i)}), &things[i]});
  spatial::rtree_node* const root = testing::bulk_load(memory, 1, all);
  const int failures = until_it_has_enough([&] {
    spatial::nearby_cursor cursor(root, point({2500}));
    std::size_t found = 0;
    bool failed = false;
    for (bool more = true; more;) {
      try {
        more = cursor.next().has_value();
        if (more) ++found;
      } catch (const std::bad_alloc&) {
        EXPECT_FALSE(failed);
        failed = true;
      }
    }
    EXPECT_EQ(found, all.size());
    if (failed) throw std::bad_alloc();
  });
  EXPECT_GT(failures, 0);
  engine::destroy_tree(memory, root);
}

}  // namespace
}  // namespace buntdb
