// options::max_memory_bytes.

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>

#include "support/code_of.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using testing::code_of;
using namespace std::chrono_literals;

constexpr std::uint64_t limit = 1'000'000;

class memory_limit : public ::testing::Test {
 protected:
  /// Sets items until one is refused. Returns how many were accepted.
  static int fill(database& db) {
    for (int i = 0;; ++i) {
      const std::error_code code =
          code_of([&] { db.set("key " + std::to_string(i), std::string(1000, 'v')); });
      if (!code) continue;
      EXPECT_EQ(code, errc::full);
      return i;
    }
  }

  database db_ = database::in_memory({.max_memory_bytes = limit});
};

TEST_F(memory_limit, refuses_what_is_beyond_it_and_keeps_what_is_there) {
  const int taken = fill(db_);
  EXPECT_GT(taken, 800);
  const statistics now = db_.stats();
  EXPECT_LE(now.memory_bytes, limit);
  EXPECT_EQ(now.max_memory_bytes, limit);
  EXPECT_EQ(now.items, static_cast<std::uint64_t>(taken));
  EXPECT_TRUE(db_.get("key 0"));
  EXPECT_EQ(
      code_of([&] { db_.update([](transaction& tx) { tx.set_expiry("key 0", {.ttl = 1h}); }); }),
      errc::full);
}

TEST_F(memory_limit, leaves_a_transaction_that_it_refuses_a_set_usable) {
  fill(db_);
  db_.update([](transaction& tx) {
    EXPECT_EQ(code_of([&] { tx.set("new", std::string(2000, 'v')); }), errc::full);
    EXPECT_FALSE(tx.get("new"));
    tx.erase("key 1");
  });
  EXPECT_FALSE(db_.get("key 1"));
}

TEST_F(memory_limit, is_no_obstacle_to_erasures_which_make_room) {
  const int taken = fill(db_);
  for (int i = 0; i < taken; ++i)
    EXPECT_TRUE(db_.erase("key " + std::to_string(i)));
  EXPECT_EQ(fill(db_), taken);
  db_.update([](transaction& tx) { tx.clear(); });
  EXPECT_EQ(fill(db_), taken);
}

TEST_F(memory_limit, lets_through_what_must_not_fail) {
  fill(db_);
  db_.set("record", std::string(5000, 'r'), {.beyond_limit = true});
  EXPECT_TRUE(db_.get("record"));
  EXPECT_GT(db_.stats().memory_bytes, limit);
  EXPECT_EQ(code_of([&] { db_.set("other", "1"); }), errc::full);
}

TEST_F(memory_limit, counts_what_snapshots_keep) {
  const int taken = fill(db_);
  {
    const snapshot old = db_.begin_read();
    for (int i = 0; i < taken; ++i)
      db_.erase("key " + std::to_string(i));
    EXPECT_EQ(code_of([&] { db_.set("a", std::string(1000, 'v')); }), errc::full);
  }
  db_.set("a", std::string(1000, 'v'));
}

TEST_F(memory_limit, can_be_changed) {
  fill(db_);
  db_.change([](settings& to) { to.max_memory_bytes = 2 * limit; });
  db_.set("more", std::string(1000, 'v'));
  EXPECT_EQ(db_.stats().max_memory_bytes, 2 * limit);
  db_.change([](settings& to) { to.max_memory_bytes = 0; });
  db_.set("much more", std::string(3 * limit, 'v'));
}

TEST_F(memory_limit, is_no_obstacle_to_expiry) {
  testing::fake_clock clock;
  testing::memory_file_system files;
  testing::test_database db(files, clock);
  db->change([](settings& to) { to.max_memory_bytes = limit; });
  for (int i = 0; i < 900; ++i) {
    if (code_of([&] { db->set(std::to_string(i), std::string(1000, 'v'), {.ttl = 1s}); })) break;
  }
  clock.advance(2s);
  db.sweep();
  db.reclaim();
  EXPECT_EQ(db->stats().items, 0U);
  db->set("a", std::string(1000, 'v'));
}

TEST(memory_limit_of_a_file, opens_what_is_larger) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("app.db");
  {
    database db = database::open(path);
    for (int i = 0; i < 100; ++i)
      db.set(std::to_string(i), std::string(1000, 'v'));
  }
  database db = database::open(path, {.max_memory_bytes = 10'000});
  EXPECT_EQ(db.get("99"), std::string(1000, 'v'));
  EXPECT_EQ(code_of([&] { db.set("a", "1"); }), errc::full);
  EXPECT_TRUE(db.erase("99"));
}

}  // namespace
}  // namespace buntdb
