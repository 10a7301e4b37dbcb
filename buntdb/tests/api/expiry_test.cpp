#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::contents;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;

class expiry : public ::testing::Test {
 protected:
  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(expiry, makes_an_item_absent_at_its_very_nanosecond) {
  db_->set("a", "1", {.ttl = 10s});
  clock_.advance(10s - 1ns);
  EXPECT_EQ(db_->get("a"), "1");
  EXPECT_EQ(db_->begin_read().ttl("a"), 1ns);
  clock_.advance(1ns);
  EXPECT_EQ(db_->get("a"), std::nullopt);
  EXPECT_EQ(db_->begin_read().ttl("a"), std::nullopt);
  EXPECT_FALSE(db_->erase("a"));
}

TEST_F(expiry, tells_the_time_to_live) {
  db_->set("a", "1");
  db_->set("b", "1", {.expires_at = clock_.now() + 5min});
  db_->set("c", "1", {.ttl = forever});
  const snapshot view = db_->begin_read();
  EXPECT_EQ(view.ttl("a"), forever);
  EXPECT_EQ(view.ttl("b"), 5min);
  EXPECT_EQ(view.ttl("c"), forever);
  EXPECT_EQ(view.ttl("d"), std::nullopt);
}

TEST_F(expiry, beyond_what_nanoseconds_hold_is_never) {
  db_->set("hours", "1", {.ttl = std::chrono::hours::max()});
  db_->set("years", "1", {.ttl = std::chrono::years(300)});
  db_->set("unsigned", "1", {.ttl = std::chrono::duration<std::uint64_t>::max()});
  db_->set("nanoseconds", "1", {.ttl = forever - 1ns});
  db_->set("days", "1", {.expires_at = std::chrono::sys_days::max()});
  db_->set("9999", "1", {.expires_at = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)});
  db_->set("least", "1", {.ttl = std::chrono::hours::min()});
  db_->set("long ago", "1", {.expires_at = std::chrono::sys_days::min()});
  clock_.advance(std::chrono::hours(24 * 365 * 200));
  const snapshot view = db_->begin_read();
  for (const char* key : {"hours", "years", "unsigned", "nanoseconds", "days", "9999"})
    EXPECT_EQ(view.ttl(key), forever) << key;
  EXPECT_FALSE(view.contains("least"));
  EXPECT_FALSE(view.contains("long ago"));
}

TEST_F(expiry, is_a_question_of_the_moment_the_snapshot_began) {
  db_->set("a", "1", {.ttl = 1s});
  const snapshot view = db_->begin_read();
  transaction tx = db_->begin();
  clock_.advance(1h);
  EXPECT_EQ(view.get("a"), "1");
  EXPECT_EQ(tx.get("a"), "1");
  tx.rollback();
  db_.sweep();
  EXPECT_EQ(view.get("a"), "1");
  EXPECT_EQ(db_->get("a"), std::nullopt);
}

TEST_F(expiry, counts_in_size_until_the_sweep) {
  db_->set("a", "1", {.ttl = 1s});
  db_->set("b", "1");
  clock_.advance(2s);
  EXPECT_EQ(db_->begin_read().size(), 2U);
  db_.sweep();
  EXPECT_EQ(db_->begin_read().size(), 1U);
}

TEST_F(expiry, is_over_within_a_second_by_the_sweep) {
  for (int i = 0; i < 1000; ++i) {
    db_->set(std::to_string(i), "v", {.ttl = 1s + std::chrono::milliseconds(i)});
  }
  clock_.advance(1s + 999ms + 500ms);
  db_.sweep();
  EXPECT_EQ(db_->stats().items, 0U);
}

TEST_F(expiry, is_what_the_last_set_said) {
  db_->set("a", "1", {.ttl = 1s});
  db_->set("a", "2", {.ttl = 1h});
  db_->set("b", "1", {.ttl = 1s});
  db_->set("b", "2");
  db_->set("c", "1", {.ttl = 1h});
  db_->set("c", "2", {.ttl = 1s});
  clock_.advance(1min);
  db_.sweep();
  EXPECT_EQ(contents(*db_),
            (std::vector<std::pair<std::string, std::string>>{{"a", "2"}, {"b", "2"}}));
  EXPECT_EQ(db_->stats().items, 2U);
}

TEST_F(expiry, removes_in_bounded_steps) {
  db_->update([](transaction& tx) {
    for (int i = 0; i < 1000; ++i)
      tx.set(std::to_string(i), "v", {.ttl = 1s});
  });
  clock_.advance(10s);
  const auto step = db_.engine().sweeper().remove_some();
  EXPECT_EQ(step.removed, 256U);
  EXPECT_TRUE(step.more);
  EXPECT_EQ(db_->stats().items, 744U);
  db_.sweep();
  EXPECT_EQ(db_->stats().items, 0U);
}

TEST_F(expiry, in_the_past_or_beyond_all_time_is_no_accident) {
  db_->set("a", "1", {.ttl = 0s});
  db_->set("b", "1", {.ttl = -1h});
  db_->set("c", "1", {.ttl = std::chrono::nanoseconds::min()});
  db_->set("d", "1", {.ttl = forever - 1ns});
  db_->set("e", "1", {.expires_at = time_point::min()});
  db_->set("f", "1", {.expires_at = time_point::max()});
  EXPECT_EQ(db_->get("a"), std::nullopt);
  EXPECT_EQ(db_->get("b"), std::nullopt);
  EXPECT_EQ(db_->get("c"), std::nullopt);
  EXPECT_EQ(db_->get("d"), "1");
  EXPECT_EQ(db_->get("e"), std::nullopt);
  EXPECT_EQ(db_->get("f"), "1");
  clock_.advance(1s);
  db_.sweep();
  EXPECT_EQ(db_->stats().items, 2U);
}

TEST_F(expiry, survives_a_clock_that_goes_back) {
  db_->set("a", "1", {.ttl = 10s});
  clock_.advance(20s);
  {
    transaction tx = db_->begin();  // the sweep cannot run meanwhile
    static_cast<void>(tx);
  }
  clock_.advance(-15s);
  db_.sweep();
  EXPECT_EQ(db_->get("a"), "1");
  clock_.advance(15s);
  db_.sweep();
  EXPECT_EQ(db_->stats().items, 0U);
}

TEST_F(expiry, does_not_give_an_expired_item_as_the_previous_value) {
  db_->set("a", "1", {.ttl = 1s});
  clock_.advance(2s);
  transaction tx = db_->begin();
  EXPECT_EQ(tx.set("a", "2"), std::nullopt);
  tx.rollback();
  transaction next = db_->begin();
  EXPECT_EQ(next.erase("a"), std::nullopt);
}

TEST(expiry_in_the_file, has_whole_seconds_rounded_down_and_is_never_extended_by_a_reopen) {
  fake_clock clock;
  memory_file_system files;
  clock.advance(700ms);
  {
    test_database db(files, clock);
    db->set("a", "1", {.ttl = 10s});
    db->set("before 1970", "1", {.expires_at = time_point(-5s)});
    clock.advance(9s + 999ms);
    EXPECT_EQ(db->get("a"), "1");  // exact to the nanosecond in memory
    clock.advance(-9s - 999ms);
  }
  clock.advance(9s + 200ms);
  {
    test_database db(files, clock);
    EXPECT_EQ(db->begin_read().ttl("a"), 100ms);
    EXPECT_EQ(db->stats().items, 1U);
  }
  clock.advance(1s);
  test_database db(files, clock);
  EXPECT_EQ(db->get("a"), std::nullopt);
  clock.advance(1s);
  db.sweep();
  EXPECT_EQ(db->stats().items, 0U);
}

TEST(expiry_in_the_file, of_an_item_that_expired_while_nobody_looked_is_final_too) {
  for (const bool erased : {true, false}) {
    fake_clock clock;
    memory_file_system files;
    {
      test_database db(files, clock);
      db->set("a", "1", {.ttl = 10s});
    }
    clock.advance(20s);
    {
      test_database db(files, clock);
      clock.advance(1s);
      if (erased) {
        db->erase("a");
      } else {
        db.sweep();
      }
    }
    clock.advance(-20s);
    test_database db(files, clock);
    EXPECT_EQ(db->get("a"), std::nullopt);
    EXPECT_EQ(db->stats().items, 0U);
  }
}

TEST(expiry_in_the_file, is_recorded_so_that_a_clock_turned_back_revives_nothing) {
  fake_clock clock;
  memory_file_system files;
  {
    test_database db(files, clock);
    db->set("a", "1", {.ttl = 10s});
    clock.advance(20s);
    db.sweep();
  }
  clock.advance(-20s);
  test_database db(files, clock);
  EXPECT_EQ(db->stats().items, 0U);
}

TEST(expiry_in_the_background, happens_without_being_asked) {
  // Once with the real thread and the real clock: waits for the result instead of sleeping for a
  // guessed time.
  database db = database::in_memory();
  db.set("a", "1", {.ttl = 1ms});
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (db.stats().items != 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(db.stats().items, 0U);
}

}  // namespace
}  // namespace buntdb
