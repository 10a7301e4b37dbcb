#include <map>
#include <random>
#include <ranges>
#include <string>

#include <gtest/gtest.h>

#include <buntdb/range.hpp>

#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::fake_clock;
using testing::test_database;
using strings = std::vector<std::string>;

strings keys(range items) {
  strings found;
  for (const auto [key, value] : items)
    found.emplace_back(key);
  return found;
}

class range_test : public ::testing::Test {
 protected:
  range_test() {
    db_->update([](transaction& tx) {
      for (const char* key : {"a", "b", "c", "d", "e"})
        tx.set(key, std::string("value of ") + key);
    });
  }

  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(range_test, goes_up_and_down) {
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.ascend()), (strings{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(keys(view.descend()), (strings{"e", "d", "c", "b", "a"}));
  for (const auto [key, value] : view.ascend())
    EXPECT_EQ(value, "value of " + std::string(key));
}

TEST_F(range_test, honors_each_bound_in_both_directions) {
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.ascend({.at_least = "b"})), (strings{"b", "c", "d", "e"}));
  EXPECT_EQ(keys(view.ascend({.greater_than = "b"})), (strings{"c", "d", "e"}));
  EXPECT_EQ(keys(view.ascend({.at_most = "b"})), (strings{"a", "b"}));
  EXPECT_EQ(keys(view.ascend({.less_than = "b"})), (strings{"a"}));
  EXPECT_EQ(keys(view.descend({.at_least = "d"})), (strings{"e", "d"}));
  EXPECT_EQ(keys(view.descend({.greater_than = "d"})), (strings{"e"}));
  EXPECT_EQ(keys(view.descend({.at_most = "b"})), (strings{"b", "a"}));
  EXPECT_EQ(keys(view.descend({.less_than = "b"})), (strings{"a"}));
  EXPECT_EQ(keys(view.ascend({.at_least = "bb", .less_than = "dd"})), (strings{"c", "d"}));
  EXPECT_EQ(keys(view.ascend({.at_least = "d", .less_than = "b"})), strings{});
  EXPECT_EQ(keys(view.descend({.at_least = "d", .at_most = "b"})), strings{});
  EXPECT_EQ(keys(view.ascend({.at_least = "c", .at_most = "c"})), (strings{"c"}));
  EXPECT_EQ(keys(view.ascend({.greater_than = "c", .at_most = "c"})), strings{});
}

TEST_F(range_test, takes_the_narrower_of_two_bounds) {
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.ascend({.at_least = "b", .greater_than = "c"})), (strings{"d", "e"}));
  EXPECT_EQ(keys(view.ascend({.at_least = "d", .greater_than = "c"})), (strings{"d", "e"}));
  EXPECT_EQ(keys(view.ascend({.at_least = "c", .greater_than = "c"})), (strings{"d", "e"}));
  EXPECT_EQ(keys(view.ascend({.at_most = "c", .less_than = "c"})), (strings{"a", "b"}));
  EXPECT_EQ(keys(view.ascend({.at_most = "b", .less_than = "c"})), (strings{"a", "b"}));
}

TEST_F(range_test, keeps_its_bounds_and_its_place_when_moved) {
  const snapshot view = db_->begin_read();
  range items = view.ascend({.at_least = std::string("a long key that is no literal, ") + "c"});
  range moved = std::move(items);
  EXPECT_EQ(keys(std::move(moved)), (strings{"b", "c", "d", "e"}));
}

TEST_F(range_test, works_with_the_views_of_the_standard_library) {
  const snapshot view = db_->begin_read();
#if !defined(__clang__) || __clang_major__ >= 16  // clang 14 cannot compile libstdc++'s views
  strings found;
  for (const auto& item : view.ascend() | std::views::take(2))
    found.emplace_back(item.key);
  EXPECT_EQ(found, (strings{"a", "b"}));
#endif
  EXPECT_EQ(std::ranges::distance(view.descend({.less_than = "d"})), 3);
}

TEST_F(range_test, leaves_out_what_has_expired) {
  db_->set("b", "x", {.ttl = 1s});
  db_->set("e", "x", {.ttl = 1s});
  db_->set("a", "x", {.ttl = 1s});
  clock_.advance(1s);
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.ascend()), (strings{"c", "d"}));
  EXPECT_EQ(keys(view.descend()), (strings{"d", "c"}));
}

TEST_F(range_test, of_an_empty_database_is_empty) {
  test_database empty(clock_);
  const snapshot view = empty->begin_read();
  EXPECT_TRUE(keys(view.ascend()).empty());
  EXPECT_TRUE(keys(view.descend({.at_most = "x"})).empty());
}

TEST_F(range_test, goes_on_behind_its_last_key_when_the_transaction_changes_things) {
  transaction tx = db_->begin();
  strings met;
  for (const auto [key, value] : tx.ascend()) {
    met.emplace_back(key);
    if (met.back() == "b") {
      tx.erase("b");  // the present item
      tx.erase("c");  // the next one
      tx.set("cc", "new, ahead");
      tx.set("aa", "new, behind");
    }
  }
  EXPECT_EQ(met, (strings{"a", "b", "cc", "d", "e"}));
  met.clear();
  for (const auto [key, value] : tx.descend()) {
    met.emplace_back(key);
    tx.erase(std::string(key));
  }
  EXPECT_EQ(met, (strings{"e", "d", "cc", "aa", "a"}));
  EXPECT_EQ(tx.size(), 0U);
}

TEST_F(range_test, sees_an_item_of_the_transaction_once_however_often_it_is_rewritten) {
  transaction tx = db_->begin();
  int met = 0;
  for (const auto [key, value] : tx.ascend()) {
    ++met;
    for (int i = 0; i < 100; ++i)
      tx.set(std::string(key), std::to_string(i));
  }
  EXPECT_EQ(met, 5);
  EXPECT_EQ(tx.get("e"), "99");
}

TEST_F(range_test, ends_with_its_transaction) {
  transaction tx = db_->begin();
  range items = tx.ascend();
  auto at = items.begin();
  tx.commit();
  ++at;
  EXPECT_EQ(at, items.end());
}

TEST_F(range_test, equals_a_map_with_random_bounds) {
  std::mt19937 random(5);
  std::map<std::string, std::string> model;
  test_database db(clock_);
  db->update([&](transaction& tx) {
    for (int i = 0; i < 2000; ++i) {
      const std::string key = std::to_string(random() % 5000);
      tx.set(key, key);
      model[key] = key;
    }
  });
  const snapshot view = db->begin_read();
  for (int i = 0; i < 300; ++i) {
    const std::string low = std::to_string(random() % 6000);
    const std::string high = std::to_string(random() % 6000);
    strings expected;
    for (const auto& [key, value] : model) {
      if (key >= low && key < high) expected.push_back(key);
    }
    ASSERT_EQ(keys(view.ascend({.at_least = low, .less_than = high})), expected);
    expected.clear();
    for (const auto& [key, value] : model) {
      if (key > low && key <= high) expected.insert(expected.begin(), key);
    }
    ASSERT_EQ(keys(view.descend({.greater_than = low, .at_most = high})), expected);
  }
}

}  // namespace
}  // namespace buntdb
