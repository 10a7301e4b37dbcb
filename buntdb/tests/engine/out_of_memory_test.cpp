// What happens to a transaction in which memory runs out, whichever allocation fails. This is a
// separate program, because support/failing_allocations replaces the global operator new.
#include <algorithm>
#include <cstdint>
#include <map>
#include <new>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/write_state.hpp"
#include "memory/pool.hpp"
#include "storage/bulk_loader.hpp"
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

// Otherwise the engine would only ever allocate a few chunks.
[[maybe_unused]] const bool pools = engine::pool::pool_by_default = false;

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

class out_of_memory : public ::testing::Test {
 protected:
  out_of_memory() {
    db_->update([](transaction& tx) {
      for (int i = 0; i < 400; ++i)
        tx.set(key(i), "old");
    });
    db_.reclaim();
  }

  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(out_of_memory, inside_a_change_leaves_a_transaction_that_refuses_everything) {
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
      EXPECT_LE(db_->stats().memory_blocks, blocks + 1);  // the version is kept for reuse
      throw;
    }
    tx->rollback();
  });
  EXPECT_GT(failures, 100);
  EXPECT_EQ(contents(*db_), before);
}

// A range that is in use must not continue in the partly changed tree.
TEST_F(out_of_memory, inside_a_change_ends_the_ranges_of_the_transaction) {
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

TEST_F(out_of_memory, anywhere_in_an_update_on_a_file_changes_all_or_nothing) {
  std::optional<memory_file_system> files;
  std::optional<test_database> db;
  const auto begin_anew = [&] {
    db.reset();
    files.emplace();
    // No commit syncs by itself, however slow the machine is.
    db.emplace(*files, clock_, sync_policy::never);
    (*db)->update([](transaction& tx) {
      for (int i = 0; i < 400; ++i)
        tx.set(key(i), "old");
    });
  };
  begin_anew();
  const pairs before = contents(**db);
  const int failures = until_it_has_enough([&] {
    try {
      (*db)->update([](transaction& tx) { change_much(tx); });
    } catch (...) {
      allocations_left = -1;
      EXPECT_EQ(contents(**db), before);
      // A simulated disk without memory for a sync or a cut ends all writing, as a real one does.
      try {
        (*db)->begin();
      } catch (const error&) {
        begin_anew();
      }
      throw;
    }
  });
  EXPECT_GT(failures, 100);
  const pairs after = contents(**db);
  EXPECT_NE(after, before);
  (*db)->set("and", "on it goes");
  const auto disk = files->after_power_cut(memory_file_system::unsynced_data::kept);
  test_database again(*disk, clock_);
  EXPECT_EQ(contents(*again), contents(**db));
}

/// Returns the content of every index of a view.
std::map<std::string, pairs> in_indexes(const reader& view) {
  std::map<std::string, pairs> all;
  for (const std::string& name : view.indexes()) {
    pairs& found = all[name];
    if (view.index(name)->spatial) {
      for (const auto [key, value] : view.intersects(name, rect({-1e300}, {1e300})))
        found.emplace_back(key, value);
      std::sort(found.begin(), found.end());
    } else {
      for (const auto [key, value] : view.ascend(name))
        found.emplace_back(key, value);
    }
  }
  return all;
}

bool shorter(std::string_view a, std::string_view b) {
  return a.size() < b.size();
}

std::optional<rect> by_size(std::string_view value) {
  if (value.size() % 2 == 0) return rect({double(value.size())}, {double(value.size() + 3)});
  return point({double(value.size()), 1});
}

std::string place(int i) {
  return "[" + std::to_string(i % 9) + " " + std::to_string(i) + "]";
}

/// Indexes of all kinds, just large enough that their trees split and join.
class out_of_memory_with_indexes : public ::testing::Test {
 protected:
  out_of_memory_with_indexes() {
    db_->create_index("order", {.order = {by_string()}, .persistent = true});
    db_->create_index("own", {.pattern = "session:*", .order = {ordering(shorter), by_int()}});
    db_->create_spatial_index("map", {});
    db_->create_spatial_index("own map", {.extract_rect = by_size});
    db_->update([](transaction& tx) {
      for (int i = 0; i < 70; ++i)
        tx.set(key(i), place(i));
    });
    settle();
  }

  /// Records the present state, which a failure must preserve.
  void settle() {
    const std::int64_t left = std::exchange(allocations_left, -1);
    {  // as many reusable versions as there will ever be
      const snapshot one = db_->begin_read();
      db_->set("another", "[1 1]");
      const snapshot other = db_->begin_read();
      db_->erase("another");
      const snapshot third = db_->begin_read();
      db_->set("another", "[1 1]");
    }
    db_->erase("another");
    db_.reclaim();
    blocks_ = db_->stats().memory_blocks;
    items_ = contents(*db_);
    indexes_ = in_indexes(db_->begin_read());
    allocations_left = left;
  }

  /// Expects the recorded state, and that nothing has leaked.
  void expect_unchanged() {
    allocations_left = -1;
    db_->set("another", "[1 1]");  // it can be written to, too
    db_->erase("another");
    db_.reclaim();
    const std::uint64_t blocks = db_->stats().memory_blocks;
    EXPECT_LE(blocks, blocks_);
    EXPECT_TRUE(contents(*db_) == items_);
    EXPECT_TRUE(in_indexes(db_->begin_read()) == indexes_);
  }

  fake_clock clock_;
  memory_file_system files_;
  test_database db_{files_, clock_};
  std::uint64_t blocks_ = 0;
  pairs items_;
  std::map<std::string, pairs> indexes_;
};

TEST_F(out_of_memory_with_indexes, anywhere_in_a_transaction_changes_nothing) {
  const auto change = [](transaction& tx) {
    for (int i = 0; i < 30; ++i)
      tx.set(key(i * 3), place(i * 5));
    tx.drop_index("own");
    int met = 0;
    for (const auto [found, value] : tx.intersects("map", rect({-1e300}, {1e300}))) {
      const std::string copy(found);
      tx.erase(copy);
      if (++met % 2 == 0) tx.set(copy + "+", "[1 1],[2 2]");
      if (met == 50) break;
    }
    tx.create_index("later", {.order = {desc(by_int())}, .persistent = true});
    tx.create_index("later own", {.order = {ordering(shorter)}});
    tx.create_spatial_index("later map", {});
    tx.create_spatial_index("later own map", {.extract_rect = by_size});
    for ([[maybe_unused]] const auto near : tx.nearby("later map", point({1}))) {
      tx.set(key(1), "[3 3]");
    }
    tx.drop_index("map");
    tx.create_index("order", {.if_exists = existing_index::replace});
    tx.clear();
    tx.set(key(2), "[1 2]");
  };
  const int failures = until_it_has_enough([&] {
    try {
      transaction tx = db_->begin();
      change(tx);
      tx.rollback();
    } catch (...) {
      expect_unchanged();
      throw;
    }
  });
  EXPECT_GT(failures, 200);
  expect_unchanged();
}

TEST_F(out_of_memory_with_indexes, anywhere_in_an_update_leaves_all_or_nothing_in_the_file) {
  until_it_has_enough([&] {
    try {
      db_->update([](transaction& tx) {
        tx.clear();
        tx.set("a", "[1 2]");
        tx.create_index(
            "kept",
            {.order = {by_int()}, .persistent = true, .if_exists = existing_index::replace});
        tx.drop_index("order");
      });
      settle();  // it may have succeeded without the allocation that failed
    } catch (...) {
      expect_unchanged();
      throw;
    }
  });
  const auto disk = files_.after_power_cut(memory_file_system::unsynced_data::kept);
  test_database again(*disk, clock_);
  EXPECT_EQ(contents(*again), (pairs{{"a", "[1 2]"}}));
  EXPECT_EQ(again->begin_read().indexes(), std::vector<std::string>{"kept"});
}

TEST_F(out_of_memory_with_indexes, anywhere_while_one_is_built_beside_writers_makes_none) {
  const auto build = [&](const std::string& name, auto create) {
    const int failures = until_it_has_enough([&] {
      try {
        create(name);
      } catch (...) {
        expect_unchanged();
        throw;
      }
      const std::int64_t left = std::exchange(allocations_left, -1);
      EXPECT_EQ(in_indexes(db_->begin_read())[name].size(), 70U);
      db_->drop_index(name);
      expect_unchanged();
      allocations_left = left;
    });
    EXPECT_GT(failures, 10) << name;
  };
  build("new", [&](const std::string& name) {
    db_->create_index(name, {.order = {by_int()}, .persistent = true});
  });
  build("new own",
        [&](const std::string& name) { db_->create_index(name, {.order = {ordering(shorter)}}); });
  build("new map", [&](const std::string& name) { db_->create_spatial_index(name, {}); });
  build("new own map", [&](const std::string& name) {
    db_->create_spatial_index(name, {.extract_rect = by_size});
  });
  // Replaced while it is in use.
  until_it_has_enough([&] {
    try {
      db_->create_index(
          "order",
          {.order = {by_string()}, .persistent = true, .if_exists = existing_index::replace});
      settle();  // a tree of the same items may have a different number of nodes
    } catch (...) {
      expect_unchanged();
      throw;
    }
  });
  EXPECT_EQ(in_indexes(db_->begin_read())["order"].size(), 70U);
  const auto disk = files_.after_power_cut(memory_file_system::unsynced_data::kept);
  test_database again(*disk, clock_);
  EXPECT_EQ(again->begin_read().indexes(), std::vector<std::string>{"order"});
}

TEST_F(out_of_memory_with_indexes, anywhere_in_a_save_or_a_load_changes_nothing) {
  std::string copy;
  const int save_failures = until_it_has_enough([&] {
    std::ostringstream out;
    out.exceptions(std::ios::badbit);
    db_->save(out);
    copy = out.str();
  });
  EXPECT_GT(save_failures, 3);
  expect_unchanged();
  db_->update([](transaction& tx) {
    tx.clear();
    tx.set("b", "[7 7]");
  });
  settle();
  const int load_failures = until_it_has_enough([&] {
    try {
      std::istringstream in(copy);
      in.exceptions(std::ios::badbit);
      db_->load(in);
      settle();
    } catch (...) {
      expect_unchanged();
      throw;
    }
  });
  EXPECT_GT(load_failures, 200);
  EXPECT_EQ(contents(*db_).size(), 71U);
  EXPECT_EQ(in_indexes(db_->begin_read())["order"].size(), 71U);
}

TEST_F(out_of_memory_with_indexes, anywhere_while_a_file_is_opened_that_keeps_some_leaks_nothing) {
  db_->create_spatial_index("kept map", {.persistent = true});
  const auto disk = files_.after_power_cut(memory_file_system::unsynced_data::kept);
  std::map<std::string, pairs> found;
  const int failures = until_it_has_enough([&] {
    test_database again(*disk, clock_);
    found = in_indexes(again->begin_read());
  });
  EXPECT_GT(failures, 200);
  EXPECT_EQ(found.size(), 2U);
  EXPECT_EQ(found["order"], indexes_["order"]);
  EXPECT_EQ(found["kept map"], indexes_["map"]);
}

TEST(out_of_memory_bulk_loader, anywhere_in_its_merges_leaves_a_version_that_can_be_given_up) {
  engine::pool memory;
  std::uint64_t size = 0;
  const int failures = until_it_has_enough([&] {
    engine::version made;
    made.number = 1;
    try {
      engine::bulk_loader keys(memory, made, 3000);
      for (int i = 0; i < 400; ++i) {
        keys.set(key(i * 37 % 300), "a value", engine::item::no_expiry);
        if (i % 5 == 4) keys.erase(key(i * 53 % 300));
      }
      keys.finish();
      size = made.size;
    } catch (...) {
      engine::write_state::discard(memory, made);
      EXPECT_EQ(memory.blocks(), 0U);
      throw;
    }
    engine::write_state::discard(memory, made);
    EXPECT_EQ(memory.blocks(), 0U);
  });
  EXPECT_GT(failures, 500);
  EXPECT_GT(size, 200U);
}

}  // namespace
}  // namespace buntdb
