#include <algorithm>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;
using strings = std::vector<std::string>;

class expiry_hooks : public ::testing::Test {
 protected:
  expiry_hooks() {
    db_->set("a", "1", {.ttl = 1s});
    db_->set("b", "2", {.ttl = 1s});
    db_->set("c", "3");
    clock_.advance(3s);
  }

  std::size_t failures() const {
    return static_cast<std::size_t>(
        std::count_if(db_.events().begin(), db_.events().end(),
                      [](const event& one) { return one.kind == event_kind::callback_failed; }));
  }

  fake_clock clock_;
  memory_file_system disk_;
  test_database db_{disk_, clock_};
};

TEST_F(expiry_hooks, tell_of_what_was_removed) {
  strings told;
  db_->change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item> gone) {
      for (const expired_item& one : gone)
        told.push_back(one.key + "=" + one.value);
      db_->set("told", std::to_string(gone.size()));  // no lock is held
    };
  });
  db_.sweep();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (strings{"a=1", "b=2"}));
  EXPECT_EQ(db_->get("told"), "2");
  db_.sweep();
  EXPECT_EQ(told.size(), 2U);
}

TEST_F(expiry_hooks, change_more_in_the_same_transaction) {
  db_->change([](settings& to) {
    to.expiry.on_expired_sync = [](const entry& gone, transaction& tx) {
      tx.set("archive:" + std::string(gone.key), gone.value);
      if (gone.key == "b") tx.set("b", "kept");
      if (gone.key == "a") tx.erase("a");
    };
  });
  db_.sweep();
  EXPECT_EQ(db_->get("archive:a"), "1");
  EXPECT_EQ(db_->get("archive:b"), "2");
  EXPECT_EQ(db_->get("b"), "kept");
  EXPECT_EQ(db_->begin_read().size(), 4U);
}

TEST_F(expiry_hooks, that_throw_are_reported_once_and_stop_nothing) {
  int calls = 0;
  db_->change([&](settings& to) {
    to.expiry.on_expired = [](std::span<const expired_item>) { throw 1; };
    to.expiry.on_expired_sync = [&](const entry& gone, transaction& tx) {
      ++calls;
      tx.set("half", "done");
      if (gone.key == "a") throw std::runtime_error("no");
      tx.erase("half");
    };
  });
  db_.sweep();
  db_.sweep();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(failures(), 2U);
  EXPECT_EQ(db_->begin_read().size(), 1U);
  EXPECT_EQ(db_->get("half"), std::nullopt);
}

TEST_F(expiry_hooks, may_end_the_transaction_themselves_and_the_item_goes_all_the_same) {
  db_->change([&](settings& to) {
    to.expiry.on_expired_sync = [&](const entry& gone, transaction& tx) {
      if (gone.key == "a") tx.rollback();
      if (gone.key == "b") tx.commit();
    };
  });
  db_.sweep();
  EXPECT_EQ(db_->begin_read().size(), 1U);
  EXPECT_EQ(failures(), 0U);
}

TEST_F(expiry_hooks, cannot_use_the_database_but_through_the_transaction) {
  db_->change([&](settings& to) {
    to.expiry.on_expired_sync = [&](const entry&, transaction&) { db_->set("x", "y"); };
  });
  db_.sweep();
  EXPECT_EQ(failures(), 2U);
  EXPECT_EQ(db_->begin_read().size(), 1U);
}

TEST_F(expiry_hooks, tell_of_what_was_removed_before_a_removal_failed) {
  strings told;
  db_->change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item> gone) {
      for (const expired_item& one : gone)
        told.push_back(one.key);
    };
    to.expiry.on_expired_sync = [](const entry&, transaction&) {};
  });
  disk_.fail_nth(2, ENOSPC, testing::io_call::write);
  EXPECT_THROW(db_.sweep(), error);
  disk_.heal();
  EXPECT_EQ(told.size(), 1U);
  db_.sweep();
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (strings{"a", "b"}));
}

TEST_F(expiry_hooks, tell_of_nothing_that_was_not_removed) {
  std::size_t told = 0;
  db_->change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item> gone) { told += gone.size(); };
  });
  disk_.fail_nth(1, ENOSPC, testing::io_call::write);
  EXPECT_THROW(db_.sweep(), error);
  disk_.heal();
  EXPECT_EQ(told, 0U);
  db_.sweep();
  EXPECT_EQ(told, 2U);
}

TEST_F(expiry_hooks, are_changed_one_at_a_time) {
  int told = 0;
  db_->change(
      [&](settings& to) { to.expiry.on_expired = [&](std::span<const expired_item>) { ++told; }; });
  db_->change([](settings& to) { to.sync = sync_policy::never; });
  EXPECT_TRUE(db_->current_settings().expiry.on_expired);
  db_->change([](settings& to) { to.expiry.on_expired_sync = [](const entry&, transaction&) {}; });
  db_.sweep();
  EXPECT_EQ(told, 1);
  db_->change([](settings& to) { to.expiry.on_expired = nullptr; });
  EXPECT_FALSE(db_->current_settings().expiry.on_expired);
  EXPECT_TRUE(db_->current_settings().expiry.on_expired_sync);
}

TEST(expiry_hooks_at_open, are_options_and_work_in_the_background) {
  std::atomic<int> told{0};
  database db =
      database::in_memory({.expiry = {.on_expired = [&](std::span<const expired_item> gone) {
                             told += static_cast<int>(gone.size());
                           }}});
  db.set("a", "1", {.ttl = 1ns});
  for (int i = 0; i < 500 && told == 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(told, 1);
}

TEST(expiry_hooks_at_open, cannot_close_the_database_that_would_wait_for_them) {
  database db = database::in_memory();
  std::atomic<bool> called{false};
  std::error_code code;
  db.change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item>) {
      code = testing::code_of([&] { db.close(); });
      called = true;
    };
  });
  db.set("a", "1", {.ttl = 1ns});
  for (int i = 0; i < 500 && !called; ++i)
    std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(called);
  EXPECT_EQ(code, errc::nested_transaction);
  db.set("b", "still open");
  db.close();
}

}  // namespace
}  // namespace buntdb
