#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>

#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using testing::test_database;

class read_and_set : public ::testing::Test {
 protected:
  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(read_and_set, increments_a_number_and_begins_at_zero) {
  EXPECT_EQ(db_->increment("n"), 1);
  EXPECT_EQ(db_->increment("n", 41), 42);
  EXPECT_EQ(db_->increment("n", -50), -8);
  EXPECT_EQ(db_->get("n"), "-8");
}

TEST_F(read_and_set, counts_within_a_time_that_begins_with_the_first) {
  EXPECT_EQ(db_->increment("rate", 1, {.ttl_if_new = 1min}), 1);
  clock_.advance(30s);
  EXPECT_EQ(db_->increment("rate", 1, {.ttl_if_new = 1min}), 2);
  EXPECT_EQ(db_->begin_read().ttl("rate"), 30s);
  clock_.advance(30s);
  EXPECT_EQ(db_->increment("rate", 1, {.ttl_if_new = 1min}), 1);
  EXPECT_EQ(db_->increment("forever"), 1);
  EXPECT_EQ(db_->increment("forever", 1, {.ttl_if_new = 1min}), 2);
  EXPECT_EQ(db_->begin_read().ttl("forever"), forever);
}

TEST_F(read_and_set, refuses_to_increment_what_is_no_number) {
  for (const char* value : {"", "x", "1x", " 1", "1 ", "+1", "1.5", "9223372036854775808"}) {
    db_->set("n", value);
    EXPECT_EQ(code_of([&] { db_->increment("n"); }), errc::invalid_argument) << value;
    EXPECT_EQ(db_->get("n"), value);
  }
  db_->set("n", std::to_string(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(code_of([&] { db_->increment("n"); }), errc::invalid_argument);
  EXPECT_EQ(db_->increment("n", std::numeric_limits<std::int64_t>::min()), -1);
  EXPECT_EQ(code_of([&] { db_->increment("n", std::numeric_limits<std::int64_t>::min()); }),
            errc::invalid_argument);
  EXPECT_EQ(db_->get("n"), "-1");
}

TEST_F(read_and_set, sets_what_is_absent_only) {
  EXPECT_TRUE(db_->set_if_absent("a", "1", {.ttl = 1s}));
  EXPECT_FALSE(db_->set_if_absent("a", "2"));
  EXPECT_EQ(db_->get("a"), "1");
  clock_.advance(1s);
  EXPECT_TRUE(db_->set_if_absent("a", "3")) << "the first has expired";
  EXPECT_EQ(db_->get_or_set("a", "4"), "3");
  EXPECT_EQ(db_->get_or_set("b", "5", {.ttl = 1min}), "5");
  EXPECT_EQ(db_->begin_read().ttl("b"), 1min);
}

TEST_F(read_and_set, compares_before_it_sets) {
  EXPECT_FALSE(db_->compare_and_set("a", "1", "2"));
  EXPECT_TRUE(db_->compare_and_set("a", std::nullopt, "1"));
  EXPECT_FALSE(db_->compare_and_set("a", std::nullopt, "2"));
  EXPECT_TRUE(db_->compare_and_set("a", "1", "2"));
  EXPECT_FALSE(db_->compare_and_set("a", "1", "3"));
  EXPECT_EQ(db_->get("a"), "2");
  db_->set("empty", "");
  EXPECT_FALSE(db_->compare_and_set("empty", std::nullopt, "x")) << "an empty value is a value";
  EXPECT_TRUE(db_->compare_and_set("empty", "", "x"));
}

TEST_F(read_and_set, is_part_of_a_transaction) {
  db_->set("n", "1");
  transaction tx = db_->begin();
  EXPECT_EQ(tx.increment("n"), 2);
  EXPECT_EQ(tx.increment("n"), 3);
  EXPECT_EQ(tx.get_or_set("a", "x"), "x");
  EXPECT_TRUE(tx.compare_and_set("a", "x", "y"));
  tx.rollback();
  EXPECT_EQ(db_->get("n"), "1");
  EXPECT_EQ(db_->get("a"), std::nullopt);
  EXPECT_EQ(code_of([&] { tx.increment("n"); }), errc::transaction_ended);
}

TEST_F(read_and_set, loses_no_update_of_concurrent_threads) {
  constexpr int threads = 4;
  constexpr int times = 500;
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([this] {
      for (int n = 0; n < times; ++n) {
        db_->increment("n");
        for (;;) {
          const std::string seen = db_->get_or_set("swapped", "0");
          if (db_->compare_and_set("swapped", seen, std::to_string(std::stoi(seen) + 1))) break;
        }
      }
    });
  }
  for (std::thread& thread : all)
    thread.join();
  EXPECT_EQ(db_->get("n"), std::to_string(threads * times));
  EXPECT_EQ(db_->get("swapped"), std::to_string(threads * times));
}

}  // namespace
}  // namespace buntdb
