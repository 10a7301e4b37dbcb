#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/snapshot.hpp>

#include "support/test_database.hpp"

namespace buntdb {
namespace {

using testing::contents;
using testing::fake_clock;
using testing::test_database;

std::string key_of(int i) {
  return "key:" + std::to_string(i);
}

class snapshot_test : public ::testing::Test {
 protected:
  void fill(int count) {
    db_->update([&](transaction& tx) {
      for (int i = 0; i < count; ++i)
        tx.set(key_of(i), "first value of " + std::to_string(i));
    });
  }
  std::uint64_t blocks() { return db_->stats().memory_blocks; }

  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(snapshot_test, shows_what_it_showed_while_a_million_writes_go_by_and_costs_one_old_copy) {
  constexpr int items = 1000;
  constexpr int writes = 1'000'000;
  fill(items);
  const std::uint64_t before = blocks();
  std::uint64_t held = 0;
  {
    const snapshot view = db_->begin_read();
    const auto shown = contents(view);
    for (int i = 0; i < writes; ++i) {
      // The same thousand keys repeatedly; some are erased and set again.
      const std::string key = key_of(i % items);
      if (i % 7 == 0) db_->erase(key);
      db_->set(key, "value " + std::to_string(i));
    }
    db_.reclaim();
    EXPECT_EQ(contents(view), shown);
    EXPECT_EQ(view.get(key_of(7)), "first value of 7");
    held = blocks() - before;
    // Every item and node of the snapshot's version, the version itself, and a few spare ones.
    EXPECT_LE(held, before + 32);
  }
  db_.reclaim();
  EXPECT_LE(blocks(), before + 16);  // only spare versions
}

TEST_F(snapshot_test, of_many_versions_keeps_each_as_it_was) {
  fill(300);
  const std::uint64_t before = blocks();
  std::vector<snapshot> views;
  std::vector<std::vector<std::pair<std::string, std::string>>> shown;
  for (int round = 0; round < 40; ++round) {
    views.push_back(db_->begin_read());
    shown.push_back(contents(views.back()));
    for (int i = 0; i < 20; ++i)
      db_->set(key_of((round * 13 + i * 7) % 300), std::to_string(round));
    db_->erase(key_of(round));
  }
  // Released in an order that is neither first-in-first-out nor last-in-first-out.
  for (std::size_t step : {3U, 7U, 11U}) {
    for (std::size_t i = 0; i < views.size(); i += step) {
      if (shown[i].empty()) continue;
      EXPECT_EQ(contents(views[i]), shown[i]);
      views[i] = db_->begin_read();
      shown[i] = contents(views[i]);
      db_->set(key_of(static_cast<int>(i)), "again");
      db_.reclaim();
    }
    for (std::size_t i = 0; i < views.size(); ++i)
      ASSERT_EQ(contents(views[i]), shown[i]);
  }
  views.clear();
  db_.reclaim();
  EXPECT_LE(blocks(), before + 16);
  EXPECT_EQ(db_->stats().pinned_versions, 0U);
}

TEST_F(snapshot_test, may_be_one_of_thousands) {
  fill(10);
  std::vector<snapshot> views;
  for (int i = 0; i < 5000; ++i) {
    views.push_back(db_->begin_read());
    if (i % 100 == 0) db_->set("n", std::to_string(i));
  }
  EXPECT_EQ(db_->stats().pinned_versions, 51U);
  EXPECT_EQ(views[0].get("n"), std::nullopt);
  EXPECT_EQ(views[1].get("n"), "0");
  EXPECT_EQ(views[4999].get("n"), "4900");
  views.clear();
  EXPECT_EQ(db_->stats().pinned_versions, 0U);
}

TEST_F(snapshot_test, releases_a_large_past_in_steps) {
  fill(20000);
  const std::uint64_t before = blocks();
  {
    const snapshot view = db_->begin_read();
    db_->update([](transaction& tx) {
      for (int i = 0; i < 20000; ++i)
        tx.set(key_of(i), "second");
    });
    EXPECT_GT(blocks(), before + 20000);
  }
  // A commit meanwhile frees a few of them, not all.
  db_->set(key_of(0), "third");
  EXPECT_GT(blocks(), before + 15000);
  db_.reclaim();
  EXPECT_LE(blocks(), before + 64);
}

TEST_F(snapshot_test, moves) {
  db_->set("a", "1");
  snapshot first = db_->begin_read();
  db_->set("a", "2");
  snapshot second = db_->begin_read();
  second = std::move(first);
  EXPECT_EQ(second.get("a"), "1");
  EXPECT_EQ(db_->stats().pinned_versions, 1U);
  // NOLINTNEXTLINE(bugprone-use-after-move): that it is refused is the point
  EXPECT_THROW(static_cast<void>(first.contains("a")), error);
}

TEST_F(snapshot_test, is_not_touched_by_a_transaction_that_rolls_back) {
  fill(500);
  const std::uint64_t before = blocks();
  const snapshot view = db_->begin_read();
  const auto shown = contents(view);
  for (int round = 0; round < 20; ++round) {
    transaction tx = db_->begin();
    for (int i = 0; i < 500; i += 3)
      tx.set(key_of(i), "never");
    for (int i = 1; i < 500; i += 3)
      tx.erase(key_of(i));
  }
  EXPECT_EQ(contents(view), shown);
  EXPECT_LE(blocks(), before + 16);
}

class find : public snapshot_test {};

TEST_F(find, gives_what_a_snapshot_would) {
  db_->set("a", "1", {.ttl = std::chrono::hours(1)});
  const snapshot view = db_->begin_read();
  const std::optional<found_item> seen = view.find("a");
  const std::optional<held_item> found = db_->find("a");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->value, "1");
  EXPECT_EQ(found->expires_at, seen->expires_at);
  EXPECT_EQ(found->revision, seen->revision);
  EXPECT_FALSE(db_->find("b").has_value());
  EXPECT_FALSE(db_->find("").has_value());
}

TEST_F(find, keeps_the_value_whatever_writers_do_and_no_longer_than_it_lives) {
  fill(100);
  std::optional<held_item> found = db_->find(key_of(7));
  ASSERT_TRUE(found.has_value());
  db_->update([](transaction& tx) { tx.clear(); });
  db_.reclaim();
  EXPECT_EQ(found->value, "first value of 7");
  EXPECT_EQ(db_->stats().pinned_versions, 1U);
  held_item moved = std::move(*found);
  found.reset();
  EXPECT_EQ(moved.value, "first value of 7");
  db_->set("other", "x");
  moved = *db_->find("other");
  EXPECT_EQ(moved.value, "x");
  EXPECT_FALSE(db_->find(key_of(7)).has_value());
  EXPECT_EQ(db_->stats().pinned_versions, 1U);
}

TEST_F(find, knows_to_the_nanosecond_what_has_expired) {
  db_->set("a", "1", {.ttl = std::chrono::seconds(10)});
  clock_.advance(std::chrono::seconds(10) - std::chrono::nanoseconds(1));
  EXPECT_TRUE(db_->find("a").has_value());
  clock_.advance(std::chrono::nanoseconds(1));
  EXPECT_FALSE(db_->find("a").has_value());
  EXPECT_EQ(db_->stats().pinned_versions, 0U);
}

TEST(find_by_system_clock, shows_nothing_that_has_expired) {
  database db = database::in_memory();
  for (const auto ttl : {std::chrono::milliseconds(1), std::chrono::milliseconds(30)}) {
    db.set("short", "1", {.ttl = ttl});
    const snapshot view = db.begin_read();
    const time_point expires_at = view.find("short", expired_items::included)->expires_at;
    while (db.find("short"))
      ASSERT_LT(clock::system().now(), expires_at + std::chrono::seconds(5));
    EXPECT_GE(clock::system().now(), expires_at);
  }
  db.set("long", "1", {.ttl = std::chrono::hours(1)});
  EXPECT_TRUE(db.find("long").has_value());
  db.set("forever", "1");
  EXPECT_TRUE(db.find("forever").has_value());
}

}  // namespace
}  // namespace buntdb
