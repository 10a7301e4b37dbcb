// User-supplied orderings that throw or contradict themselves.
#include <algorithm>
#include <atomic>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "api/index_fixture.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::keys;
using testing::strings;

class index_of_a_faulty_ordering : public testing::index_fixture {};

TEST_F(index_of_a_faulty_ordering, dooms_a_transaction_whose_ordering_throws) {
  set_ages();
  bool throws = false;
  db_->create_index("own", {.order = {ordering([&](std::string_view a, std::string_view b) {
                              if (throws) throw std::runtime_error("no");
                              return a < b;
                            })}});
  throws = true;
  EXPECT_THROW(db_->set("age:ann", "31"), std::runtime_error);
  transaction tx = db_->begin();
  EXPECT_THROW(tx.erase("age:bob"), std::runtime_error);
  EXPECT_EQ(code_of([&] { tx.commit(); }), errc::transaction_ended);
  EXPECT_THROW(db_->create_index(
                   "other", {.order = {ordering([](std::string_view, std::string_view) -> bool {
                               throw std::runtime_error("never");
                             })}}),
               std::runtime_error);
  throws = false;
  EXPECT_EQ(db_->get("age:ann"), "30");
  EXPECT_EQ(ascend("own").size(), 5U);
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"own"}));
}

TEST_F(index_of_a_faulty_ordering, has_no_dangling_entry_of_an_ordering_that_contradicts_itself) {
  std::mt19937 random(7);
  db_->create_index(
      "mad",
      {.order = {ordering([&](std::string_view, std::string_view) { return random() % 2 == 0; })}});
  db_->create_spatial_index("lost", {.extract_rect = [&](std::string_view) -> std::optional<rect> {
                              if (random() % 3 == 0) return std::nullopt;
                              return point({double(random() % 9), double(random() % 9)});
                            }});
  std::set<std::string> there;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = std::to_string(random() % 150);
    if (random() % 2 == 0) {
      db_->set(key, std::to_string(random()));
      there.insert(key);
    } else {
      db_->erase(key);
      there.erase(key);
    }
    if (i % 16 == 0) db_.reclaim();
  }
  strings found = ascend("mad");
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, strings(there.begin(), there.end()));
  for (const std::string& key : there)
    db_->erase(key);
  EXPECT_EQ(ascend("mad"), strings{});
  for (const auto [key, value] : view_->intersects("lost", rect({-1, -1}, {10, 10})))
    ADD_FAILURE() << key << " is left";
}

// The old and the new value have the same sort key, but the entry was made with a different one.
TEST_F(index_of_a_faulty_ordering, has_no_dangling_entry_of_a_sort_key_that_contradicts_itself) {
  std::mt19937 random(7);
  db_->create_index("mad", {.order = {by_sort_key([&](std::string_view, std::string& out) {
                              out += static_cast<char>('a' + random() % 3);
                            })}});
  std::set<std::string> there;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = std::to_string(random() % 150);
    db_->set(key, std::to_string(random()));
    there.insert(key);
    if (i % 16 == 0) db_.reclaim();
  }
  strings found = ascend("mad");
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, strings(there.begin(), there.end()));
}

TEST_F(index_of_a_faulty_ordering, ends_a_range_whose_ordering_throws) {
  set_ages();
  bool throws = false;
  db_->create_index("own", {.order = {ordering([&](std::string_view a, std::string_view b) {
                              if (throws) throw std::runtime_error("no");
                              return a < b;
                            })}});
  transaction tx = db_->begin();
  range entries = tx.ascend("own");
  auto at = entries.begin();
  const std::string first((*at).key);
  tx.erase(first);
  tx.erase("age:bob");
  throws = true;
  EXPECT_THROW(++at, std::runtime_error);
  EXPECT_TRUE(at == std::default_sentinel);
}

TEST_F(index_of_a_faulty_ordering, ends_a_range_whose_sort_key_throws) {
  set_ages();
  bool throws = false;
  db_->create_index("own", {.order = {by_sort_key([&](std::string_view value, std::string& out) {
                              if (throws) throw std::runtime_error("no");
                              out += value;
                            })},
                            .keep_sort_keys = false});
  transaction tx = db_->begin();
  range entries = tx.ascend("own");
  auto at = entries.begin();
  throws = true;
  EXPECT_THROW(++at, std::runtime_error);
  EXPECT_TRUE(at == std::default_sentinel);
}

/// Without sort keys, an ordering that changes its answers misplaces items, and loses none.
TEST_F(index_of_a_faulty_ordering, loses_no_item_without_sort_keys) {
  std::minstd_rand random;
  db_->create_index("own", {.order = {by_sort_key([&](std::string_view, std::string& out) {
                              out += static_cast<char>('a' + random() % 4);
                            })},
                            .keep_sort_keys = false});
  std::optional<snapshot> before;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = "key" + std::to_string(random() % 50);
    random() % 3 == 0 ? static_cast<void>(db_->erase(key)) : db_->set(key, std::to_string(i));
    if (i % 97 == 0) before.emplace(db_->begin_read());
    if (i % 400 == 399) {
      strings found = ascend("own");
      std::sort(found.begin(), found.end());
      EXPECT_EQ(found, keys(view_.emplace(db_->begin_read()).ascend()));
      EXPECT_EQ(keys(before->ascend("own")).size(), keys(before->ascend()).size());
    }
  }
}

TEST_F(index_of_a_faulty_ordering, keeps_no_other_item_from_expiring_if_its_ordering_throws) {
  bool throws = false;
  strings told;
  db_->change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item> gone) {
      for (const expired_item& one : gone)
        told.push_back(one.key);
    };
  });
  db_->create_index("own", {.pattern = "bad*", .order = {by_sort_key([&](std::string_view, auto&) {
                                                 if (throws) throw 1;
                                               })}});
  for (const char* key : {"a", "bad", "bad too", "c"})
    db_->set(key, "1", {.ttl = 1s});
  clock_.advance(3s);
  throws = true;
  EXPECT_THROW(db_.sweep(), int);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (strings{"a", "c"}));
  EXPECT_EQ(db_->begin_read().size(), 2U);
  throws = false;
  db_.sweep();
  EXPECT_EQ(told.size(), 4U);
  EXPECT_EQ(db_->begin_read().size(), 0U);
}

TEST(index_in_the_background, ends_no_thread_if_its_ordering_throws) {
  std::atomic<bool> throws{false};
  std::atomic<bool> reported{false};
  database db = database::in_memory({.on_event = [&](const event& told) {
    if (told.kind == event_kind::background_failed) reported = true;
  }});
  db.create_index("own", {.order = {by_sort_key([&](std::string_view, std::string&) {
                            if (throws) throw 1;
                          })}});
  db.set("a", "1", {.ttl = 1ms});
  throws = true;
  for (int i = 0; i < 1000 && !reported; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(reported);
  throws = false;
  for (int i = 0; i < 1000 && db.begin_read().size() != 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(db.begin_read().size(), 0U);
}

}  // namespace
}  // namespace buntdb
