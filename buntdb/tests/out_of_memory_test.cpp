// What becomes of a transaction in which memory runs out, whichever allocation it is that fails.
// A program of its own, because support/failing_allocations replaces the global operator new.
#include <cstdint>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/memory.hpp"
#include "spatial/rtree.hpp"
#include "support/failing_allocations.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using testing::allocations_left;
using testing::contents;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;
using testing::until_it_has_enough;
using pairs = std::vector<std::pair<std::string, std::string>>;

// Otherwise a few chunks would be all that the engine ever asks for.
[[maybe_unused]] const bool pools = engine::memory::pool_by_default = false;

std::string key(int i) {
  return "session:" + std::to_string(10'000 + i);
}

/// Splits leaves, joins others, replaces and erases.
void change_much(transaction& tx) {
  for (int i = 0; i < 300; i += 2)
    tx.set(key(i) + "+", "new");
  for (int i = 100; i < 260; ++i)
    tx.erase(key(i));
  for (int i = 0; i < 400; i += 7)
    tx.set(key(i), "changed");
  tx.set_expiry(key(0), {.ttl = forever});
}

class OutOfMemory : public ::testing::Test {
 protected:
  OutOfMemory() {
    db_->update([](transaction& tx) {
      for (int i = 0; i < 400; ++i)
        tx.set(key(i), "old");
    });
    db_.reclaim();
  }

  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(OutOfMemory, inside_a_change_leaves_a_transaction_that_refuses_everything) {
  const pairs before = contents(*db_);
  const std::uint64_t blocks = db_->stats().memory_blocks;
  const int failures = until_it_has_enough([&] {
    std::optional<transaction> tx(db_->begin());
    try {
      change_much(*tx);
    } catch (const std::bad_alloc&) {
      allocations_left = -1;
      const auto code_of = [](auto function) {
        try {
          function();
        } catch (const error& failure) {
          return failure.code();
        }
        return std::error_code();
      };
      EXPECT_EQ(code_of([&] { tx->set("a", "b"); }), errc::transaction_ended);
      EXPECT_EQ(code_of([&] { static_cast<void>(tx->get(key(1))); }), errc::transaction_ended);
      EXPECT_EQ(code_of([&] { contents(*tx); }), errc::transaction_ended);
      EXPECT_EQ(code_of([&] { tx->commit(); }), errc::transaction_ended);
      EXPECT_EQ(contents(*db_), before);
      EXPECT_LE(db_->stats().memory_blocks, blocks + 1);  // the version is kept for use again
      throw;
    }
    tx->rollback();
  });
  EXPECT_GT(failures, 100);
  EXPECT_EQ(contents(*db_), before);
}

// A range that was under way walked on through the half-changed tree.
TEST_F(OutOfMemory, inside_a_change_ends_the_ranges_of_the_transaction) {
  until_it_has_enough([&] {
    std::optional<transaction> tx(db_->begin());
    range entries = tx->ascend();
    auto at = entries.begin();
    try {
      change_much(*tx);
    } catch (const std::bad_alloc&) {
      allocations_left = -1;
      EXPECT_TRUE(++at == std::default_sentinel);
      EXPECT_TRUE(entries.begin() == std::default_sentinel);
      throw;
    }
    tx->rollback();
  });
}

TEST_F(OutOfMemory, anywhere_in_an_update_on_a_file_changes_all_or_nothing) {
  memory_file_system files;
  test_database db(files, clock_);
  db->update([](transaction& tx) {
    for (int i = 0; i < 400; ++i)
      tx.set(key(i), "old");
  });
  const pairs before = contents(*db);
  const int failures = until_it_has_enough([&] {
    try {
      db->update([](transaction& tx) { change_much(tx); });
    } catch (...) {
      allocations_left = -1;
      EXPECT_EQ(contents(*db), before);
      throw;
    }
  });
  EXPECT_GT(failures, 100);
  const pairs after = contents(*db);
  EXPECT_NE(after, before);
  db->set("and", "on it goes");
  const auto disk = files.after_power_cut(memory_file_system::unsynced_data::kept);
  test_database again(*disk, clock_);
  EXPECT_EQ(contents(*again), contents(*db));
}

std::size_t entries_below(const spatial::rtree_node* root) {
  spatial::intersects_cursor all(root, point({50}));
  std::size_t found = 0;
  while (all.next() != nullptr)
    ++found;
  return found;
}

TEST(OutOfMemoryRTree, anywhere_in_its_changes_leaves_a_tree_that_can_be_discarded) {
  engine::memory memory;
  std::vector<spatial::rtree_entry> all;
  std::vector<int> things(600);
  for (std::size_t i = 0; i < things.size(); ++i) {
    const auto x = static_cast<double>(i % 25);
    const auto y = static_cast<double>(i / 25);
    all.push_back({rect({0, x, y}, {100, x + 2, y}), &things[i]});
  }
  // Some entries are loaded, some inserted; of the ones with extents and the points.
  spatial::rtree_node* const before = spatial::bulk_load(memory, 1, std::span(all).first(300));
  const std::uint64_t blocks_before = memory.blocks();

  const int failures = until_it_has_enough([&] {
    spatial::rtree_editor editor(memory, 2);
    spatial::rtree_node* root = before;
    const auto give_up = [&] {
      editor.discard(root);
      editor.discard_retired();
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
      root = spatial::bulk_load(memory, 2, all);
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(memory.blocks(), blocks_before);
      throw;
    }
    spatial::destroy_tree(memory, root);
  });
  EXPECT_GT(load_failures, 20);
  spatial::destroy_tree(memory, before);
  EXPECT_EQ(memory.blocks(), 0U);
}

TEST(OutOfMemoryRTree, in_a_search_for_neighbors_loses_none_of_them) {
  engine::memory memory;
  std::vector<spatial::rtree_entry> all;
  std::vector<int> things(5000);
  for (std::size_t i = 0; i < things.size(); ++i)
    all.push_back({point({static_cast<double>(i)}), &things[i]});
  spatial::rtree_node* const root = spatial::bulk_load(memory, 1, all);
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
  spatial::destroy_tree(memory, root);
}

}  // namespace
}  // namespace buntdb
