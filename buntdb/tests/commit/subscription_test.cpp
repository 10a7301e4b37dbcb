#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "commit/change_queue.hpp"
#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;
using strings = std::vector<std::string>;

std::string text_of(const change& one) {
  switch (one.kind) {
    case change_kind::set:
      return one.key + "=" + one.value;
    case change_kind::erased:
      return "-" + one.key;
    case change_kind::expired:
      return "~" + one.key;
    case change_kind::missed:
      return "missed " + std::to_string(one.missed);
  }
  return "?";
}

strings all_of(subscription& from) {
  strings found;
  while (const auto next = from.try_next())
    found.push_back(text_of(*next));
  return found;
}

class subscription_test : public ::testing::Test {
 protected:
  fake_clock clock_;
  test_database db_{clock_};
};

TEST_F(subscription_test, tells_what_each_commit_changed_in_order) {
  db_->set("old", "0");
  subscription all = db_->watch();
  EXPECT_EQ(all_of(all), strings{});
  db_->set("a", "1");
  db_->update([](transaction& tx) {
    tx.set("b", "2");
    tx.set("b", "3");
    tx.erase("old");
    tx.set("passing", "x");
    tx.erase("passing");
    tx.erase("a");
    tx.set("a", "4");
  });
  EXPECT_EQ(all_of(all), (strings{"a=1", "-old", "b=3", "a=4"}));
  transaction tx = db_->begin();
  tx.set("c", "5");
  EXPECT_EQ(all_of(all), strings{});
  tx.rollback();
  EXPECT_EQ(all_of(all), strings{});
  db_->update([](transaction& clearing) { clearing.clear(); });
  EXPECT_EQ(all_of(all).size(), 2U);
}

TEST_F(subscription_test, watches_keys_or_a_pattern) {
  subscription users = db_->watch({.pattern = "user:*"});
  subscription two = db_->watch({.keys = {"user:1", "*"}, .values = false});
  for (const char* key : {"user:1", "user:2", "other", "*"})
    db_->set(key, "v");
  EXPECT_EQ(all_of(users), (strings{"user:1=v", "user:2=v"}));
  EXPECT_EQ(all_of(two), (strings{"user:1=", "*="}));
  EXPECT_EQ(code_of([&] { db_->watch({.pattern = "*?" + std::string(300, 'x')}); }),
            errc::invalid_argument);
}

TEST_F(subscription_test, tells_expiry_and_the_revision) {
  subscription all = db_->watch();
  db_->set("a", "1", {.ttl = 2s});
  const auto set = all.try_next();
  ASSERT_TRUE(set);
  EXPECT_EQ(set->expires_at, clock_.now() + 2s);
  EXPECT_EQ(set->revision, db_->find("a")->revision);
  db_->update([](transaction& tx) { tx.set_expiry("a", {.ttl = 1s}); });
  const auto shortened = all.try_next();
  ASSERT_TRUE(shortened);
  EXPECT_EQ(shortened->expires_at, clock_.now() + 1s);
  EXPECT_GT(shortened->revision, set->revision);
  clock_.advance(3s);
  EXPECT_EQ(all_of(all), strings{});
  db_.sweep();
  EXPECT_EQ(all_of(all), (strings{"~a"}));
}

TEST_F(subscription_test, says_how_many_it_missed_and_where) {
  subscription few = db_->watch({.max_changes = 2});
  for (const char* key : {"a", "b", "c", "d"})
    db_->set(key, "");
  EXPECT_EQ(text_of(*few.try_next()), "a=");
  db_->set("e", "");  // the mark takes the room
  EXPECT_EQ(all_of(few), (strings{"b=", "missed 2", "missed 1"}));
  db_->set("f", "");
  EXPECT_EQ(all_of(few), (strings{"f="}));
  subscription small = db_->watch({.max_bytes = 10});
  db_->set("large", std::string(100, 'x'));  // a single one may be larger
  db_->set("more", "");
  db_->erase("more");
  EXPECT_EQ(all_of(small).size(), 2U);
}

TEST_F(subscription_test, is_told_after_the_change_can_be_read) {
  subscription all = db_->watch();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int n = 0; n < 500; ++n)
      db_->set("n", std::to_string(n));
    stop = true;
  });
  int last = -1;
  while (last != 499) {
    const auto next = all.next_for(5s);
    ASSERT_TRUE(next);
    EXPECT_EQ(std::stoi(next->value), last + 1) << "in the order of the commits, none twice";
    last = std::stoi(next->value);
    EXPECT_GE(std::stoi(*db_->get("n")), last);
  }
  writer.join();
  EXPECT_TRUE(stop);
}

TEST_F(subscription_test, calls_when_there_is_something_again) {
  std::atomic<int> calls{0};
  std::atomic<int> seen{0};
  std::optional<subscription> all;
  all = db_->watch({.on_change = [&] {
    ++calls;
    while (all->try_next())
      ++seen;
    if (seen == 3) throw 1;  // is ignored
  }});
  for (int n = 1; n <= 3; ++n) {
    db_->set("a", std::to_string(n));
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (seen < n && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    EXPECT_EQ(seen, n);
  }
  EXPECT_GE(calls, 1);
  all.reset();
  const int before = calls;
  // One thread makes all calls, in order: this call comes after any call that is still due.
  std::atomic<bool> last{false};
  const subscription other = db_->watch({.on_change = [&] { last = true; }});
  db_->set("a", "4");
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!last && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(last);
  EXPECT_EQ(calls, before) << "nothing is called after the end";
}

TEST(change_queue, tells_what_it_missed_after_the_commits_that_missed_it) {
  engine::change_queue queue{{.max_changes = 1}};
  const auto stage = [&](const char* key) {
    queue.stage(change_kind::set, key, "", time_point::max(), 1);
  };
  stage("a");
  stage("b");
  queue.deliver();
  stage("c");  // of a commit that is not visible yet
  EXPECT_EQ(text_of(*queue.next(std::nullopt)), "a=");
  EXPECT_EQ(text_of(*queue.next(std::nullopt)), "missed 1");
  EXPECT_FALSE(queue.next(std::nullopt));
  queue.deliver();
  EXPECT_EQ(text_of(*queue.next(std::nullopt)), "missed 1");
  EXPECT_FALSE(queue.next(std::nullopt));
}

TEST(change_queue, asks_for_one_call_at_a_time) {
  int calls = 0;
  engine::change_queue queue{{.on_change = [&] { ++calls; }}};
  const auto commit = [&] {
    queue.stage(change_kind::set, "a", "", time_point::max(), 1);
    return queue.deliver();
  };
  EXPECT_TRUE(commit());
  while (queue.next(std::nullopt)) {
  }
  EXPECT_FALSE(commit()) << "the first call has not begun";
  queue.call();
  EXPECT_EQ(calls, 1);
  while (queue.next(std::nullopt)) {
  }
  EXPECT_TRUE(commit());
}

TEST_F(subscription_test, ends_what_its_function_holds_in_the_thread_that_ends_it) {
  bool has_ended = false;
  auto held = std::shared_ptr<int>(new int, [&](int* memory) {
    delete memory;
    db_->set("ended", "");  // would wait for itself in the middle of a commit
    has_ended = true;
  });
  {
    const subscription brief = db_->watch({.on_change = [copy = std::move(held)] {}});
  }
  EXPECT_TRUE(has_ended);
  db_->set("a", "1");
}

TEST_F(subscription_test, may_end_itself_in_its_call) {
  std::atomic<bool> called{false};
  auto mine = std::make_shared<std::optional<subscription>>();
  *mine = db_->watch({.on_change = [mine, &called] {
    mine->reset();
    called = true;
  }});
  db_->set("a", "1");
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (!called && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(called);
}

TEST(subscription_of_a_file, ends_with_the_database_and_loses_nothing) {
  fake_clock clock;
  memory_file_system disk;
  std::optional<test_database> db(std::in_place, disk, clock, sync_policy::always);
  subscription all = (*db)->watch();
  auto committed = [&] {
    transaction tx = (*db)->begin();
    tx.set("a", "1");
    return tx.commit_async();
  }();
  EXPECT_FALSE(all.ended());
  (*db)->close();
  committed.get();
  EXPECT_TRUE(all.ended());
  EXPECT_EQ(all_of(all), (strings{"a=1"}));
  EXPECT_EQ(all.next_for(1h), std::nullopt) << "does not wait for what cannot come";
  EXPECT_EQ(code_of([&] { (*db)->watch(); }), errc::closed);
  db.reset();
  EXPECT_EQ(all.try_next(), std::nullopt);
}

/// A reader that watches first and then reads the present state misses no change.
TEST_F(subscription_test, leaves_no_gap_to_a_snapshot) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int n = 0; !done; ++n) {
      db_->update([n](transaction& tx) {  // large, so that becoming visible takes a while
        for (int key = 0; key < 300; ++key)
          tx.set("k" + std::to_string(key), std::to_string(n));
      });
    }
  });
  for (int round = 0; round < 20; ++round) {
    subscription all = db_->watch({.max_changes = 1'000'000});
    std::map<std::string, std::string> mine;
    const snapshot before = db_->begin_read();
    for (const auto [key, value] : before.ascend())
      mine[std::string(key)] = value;
    const snapshot after = db_->begin_read();
    const std::uint64_t last = [&] {
      std::uint64_t greatest = 0;
      for (const auto [key, value] : after.ascend())
        greatest = std::max(greatest, after.find(key)->revision);
      return greatest;
    }();
    while (const auto next = all.try_next()) {
      if (next->revision > last) break;
      mine[next->key] = next->value;
    }
    for (const auto [key, value] : after.ascend())
      EXPECT_EQ(mine[std::string(key)], value) << key;
  }
  done = true;
  writer.join();
}

}  // namespace
}  // namespace buntdb
