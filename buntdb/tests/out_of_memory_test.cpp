// What becomes of a transaction in which memory runs out, whichever allocation it is that fails.
// A program of its own, because support/failing_allocations replaces the global operator new.
#include <cstdint>
#include <map>
#include <new>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "engine/memory.hpp"
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

}  // namespace
}  // namespace buntdb
