// transaction::commit_then(), commit_async() and try_commit(): commits that no thread waits for.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/code_of.hpp"
#include "support/gated_file_system.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::contents;
using testing::fake_clock;
using testing::gated_file_system;
using testing::io_call;
using testing::memory_file_system;
using testing::test_database;
using unsynced_data = memory_file_system::unsynced_data;

bool is_ready(const std::future<void>& future) {
  return future.wait_for(0s) == std::future_status::ready;
}

std::error_code code_of(const std::exception_ptr& failure) {
  return failure ? code_of([&] { std::rethrow_exception(failure); }) : std::error_code();
}

class async_commit : public ::testing::Test {
 protected:
  /// Returns the key's value after a power cut now, which drops unsynced data.
  std::optional<std::string> after_a_power_cut(const std::string& key) {
    const auto disk = files_.after_power_cut(unsynced_data::dropped);
    test_database again(*disk, clock_);
    return again->get(key);
  }

  static std::future<void> set(test_database& db, const std::string& key,
                               const std::string& value) {
    transaction tx = db->begin();
    tx.set(key, value);
    return tx.commit_async();
  }

  fake_clock clock_;
  memory_file_system files_;
  gated_file_system gated_{files_};
};

TEST_F(async_commit, is_over_when_it_is_on_disk_and_visible_and_not_before) {
  test_database db(gated_, clock_, sync_policy::always);
  db->set("a", "0");
  gated_.hold();
  std::future<void> first = set(db, "a", "1");
  gated_.wait_for_a_sync();  // only the database's own thread can lead it
  std::future<void> second;
  {
    transaction tx = db->begin();
    EXPECT_EQ(tx.get("a"), "1");  // the next writer builds on it
    tx.set("b", "2");
    second = tx.commit_async();
  }
  EXPECT_FALSE(is_ready(first));
  EXPECT_FALSE(is_ready(second));
  EXPECT_EQ(db->get("a"), "0");
  EXPECT_EQ(after_a_power_cut("a"), "0");
  gated_.release();
  first.get();
  EXPECT_EQ(db->get("a"), "1");
  EXPECT_EQ(after_a_power_cut("a"), "1");
  second.get();
  EXPECT_EQ(db->get("b"), "2");
  EXPECT_EQ(after_a_power_cut("b"), "2");
}

TEST_F(async_commit, shares_a_sync_with_all_that_are_under_way_and_tells_in_file_order) {
  test_database db(gated_, clock_, sync_policy::always);
  db->set("n", "0");
  files_.forget_calls();
  gated_.hold();
  std::vector<int> told;  // filled by one thread, and read after that thread is done
  std::promise<void> all;
  constexpr int commits = 200;
  for (int i = 0; i < commits; ++i) {
    transaction tx = db->begin();
    tx.set("n", std::to_string(i));
    tx.commit_then([&, i](const std::exception_ptr& failure) {
      EXPECT_EQ(failure, nullptr);
      told.push_back(i);
      if (i + 1 == commits) all.set_value();
    });
  }
  gated_.release();
  all.get_future().get();
  ASSERT_EQ(told.size(), std::size_t{commits});
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_LE(files_.count(io_call::sync), 2U);
}

TEST_F(async_commit, tells_everybody_of_a_failed_sync) {
  test_database db(gated_, clock_, sync_policy::always);
  db->set("a", "0");
  gated_.hold();
  std::vector<std::future<void>> commits;
  for (int i = 1; i <= 5; ++i)
    commits.push_back(set(db, "a", std::to_string(i)));
  files_.fail_nth(1, EIO, io_call::sync);
  gated_.release();
  for (const std::future<void>& commit : commits)
    commit.wait();
  EXPECT_EQ(db->get("a"), "0");
  EXPECT_EQ(code_of([&] { db->begin(); }), errc::writes_stopped);
  // ThreadSanitizer does not see libstdc++'s reference counts of exceptions: the other thread must
  // have released its reference.
  EXPECT_EQ(code_of([&] { db->close(); }), errc::writes_stopped);
  for (std::future<void>& commit : commits)
    EXPECT_EQ(code_of([&] { commit.get(); }), errc::writes_stopped);
}

TEST_F(async_commit, that_cannot_be_written_throws_and_calls_nobody) {
  test_database db(files_, clock_, sync_policy::always);
  db->set("a", "0");
  files_.set_capacity(files_.content(test_database::path).size() + 10);
  bool called = false;
  {
    transaction tx = db->begin();
    tx.set("a", std::string(5000, 'x'));
    EXPECT_EQ(code_of([&] { tx.commit_then([&](const auto&) { called = true; }); }),
              std::errc::no_space_on_device);
    EXPECT_EQ(code_of([&] { tx.commit_async(); }), errc::transaction_ended);
  }
  {
    transaction tx = db->begin();
    EXPECT_EQ(code_of([&] { tx.commit_then(nullptr); }), errc::invalid_argument);
  }
  files_.set_capacity({});
  db->set("a", "1");  // no transaction keeps the right to write
  db->close();
  EXPECT_FALSE(called);
  test_database again(files_, clock_);
  EXPECT_EQ(again->get("a"), "1");
}

TEST_F(async_commit, is_over_before_close_returns_whatever_became_of_it) {
  for (const bool fails : {false, true}) {
    memory_file_system files;
    gated_file_system gated(files);
    test_database db(gated, clock_, sync_policy::always);
    db->set("a", "0");
    gated.hold();
    std::vector<std::error_code> told;
    for (int i = 1; i <= 10; ++i) {
      transaction tx = db->begin();
      tx.set("a", std::to_string(i));
      tx.commit_then([&](const auto& failure) { told.push_back(code_of(failure)); });
    }
    gated.wait_for_a_sync();
    if (fails) files.fail_all(io_call::sync, EIO);
    std::thread opens_the_gate([&] { gated.release(); });
    try {
      db->close();
    } catch (const error&) {
      EXPECT_TRUE(fails);
    }
    opens_the_gate.join();
    EXPECT_EQ(told, std::vector<std::error_code>(
                        10, fails ? make_error_code(errc::writes_stopped) : std::error_code()));
  }
}

TEST_F(async_commit, ends_under_every_policy_and_in_memory) {
  for (const sync_policy policy :
       {sync_policy::never, sync_policy::every_second, sync_policy::always}) {
    memory_file_system files;
    test_database db(files, clock_, policy);
    set(db, "a", "1").get();
    EXPECT_EQ(db->get("a"), "1");
    const auto killed = files.after_power_cut(unsynced_data::kept);
    EXPECT_EQ(test_database(*killed, clock_)->get("a"), "1");
  }
  test_database db(clock_);
  set(db, "a", "1").get();
  EXPECT_EQ(db->get("a"), "1");
}

TEST_F(async_commit, of_a_transaction_that_only_read_is_over_when_what_it_read_is_durable) {
  test_database db(gated_, clock_, sync_policy::always);
  db->set("a", "0");  // the first write of all has syncs of its own
  gated_.hold();
  const std::future<void> write = set(db, "a", "1");
  transaction tx = db->begin();
  EXPECT_EQ(tx.get("a"), "1");
  std::future<void> read = tx.commit_async();
  EXPECT_FALSE(is_ready(read));
  gated_.release();
  read.get();
  EXPECT_TRUE(is_ready(write));
  EXPECT_EQ(after_a_power_cut("a"), "1");
}

// Each commit begins the next: the notifying thread must lead the syncs of commits made by its own
// callbacks.
TEST_F(async_commit, may_be_followed_by_another_from_inside_the_function_it_calls) {
  test_database db(files_, clock_, sync_policy::always);
  std::promise<void> over;
  std::function<void(int)> commit = [&](int n) {
    transaction tx = db->begin();
    tx.set("n", std::to_string(n));
    tx.commit_then([&, n](const std::exception_ptr& failure) {
      EXPECT_EQ(failure, nullptr);
      EXPECT_EQ(db->get("n"), std::to_string(n));
      if (n == 100) {
        db->set("waited for", "too");
        over.set_value();
      } else {
        commit(n + 1);
      }
    });
  };
  commit(1);
  over.get_future().get();
  EXPECT_EQ(after_a_power_cut("n"), "100");
  EXPECT_EQ(after_a_power_cut("waited for"), "too");
}

TEST_F(async_commit, may_not_close_the_database_from_inside_and_what_it_throws_is_an_event) {
  test_database db(files_, clock_, sync_policy::always);
  std::promise<std::error_code> closing;
  transaction tx = db->begin();
  tx.set("a", "1");
  tx.commit_then([&](const auto&) {
    closing.set_value(code_of([&] { db->close(); }));
    throw std::runtime_error("a mistake");
  });
  EXPECT_EQ(closing.get_future().get(), errc::nested_transaction);
  db->set("b", "2");
  db->close();
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::callback_failed);
  EXPECT_THAT(db.events()[0].message, ::testing::HasSubstr("a mistake"));
}

// A commit that waits for no sync, after one that does, must not return before its version is
// visible.
TEST_F(async_commit,
       is_visible_before_a_commit_behind_it_returns_that_the_policy_no_longer_delays) {
  test_database db(gated_, clock_, sync_policy::always);
  db->set("a", "0");  // the first write of all has syncs of its own
  gated_.hold();
  const std::future<void> first = set(db, "a", "1");
  gated_.wait_for_a_sync();
  db->change([](settings& to) { to.sync = sync_policy::never; });
  const std::uint64_t size = files_.content(test_database::path).size();
  std::thread opens_the_gate([&] {
    while (files_.content(test_database::path).size() == size)
      std::this_thread::yield();
    gated_.release();
  });
  db->set("b", "2");
  EXPECT_EQ(db->get("b"), "2");
  EXPECT_EQ(db->get("a"), "1");
  opens_the_gate.join();
}

TEST_F(async_commit, beside_waiting_commits_compactions_and_readers_loses_nothing) {
  test_database db(files_, clock_, sync_policy::always);
  constexpr int threads = 4;
  constexpr int commits = 150;
  std::atomic<int> told{0};
  std::vector<std::thread> writers;
  writers.reserve(threads);
  for (int t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < commits; ++i) {
        const std::string key = std::to_string(t) + ":" + std::to_string(i);
        transaction tx = db->begin();
        tx.set(key, "v");
        if (i % 3 == t % 3) {
          tx.commit();
          ++told;
          continue;
        }
        tx.commit_then([&, key](const std::exception_ptr& failure) {
          EXPECT_EQ(failure, nullptr);
          EXPECT_EQ(db->get(key), "v");
          ++told;
        });
      }
    });
  }
  for (int i = 0; i < 10; ++i)
    db->compact();
  for (std::thread& writer : writers)
    writer.join();
  while (told != threads * commits)
    std::this_thread::yield();
  db->close();
  const auto disk = files_.after_power_cut(unsynced_data::dropped);
  test_database again(*disk, clock_);
  EXPECT_EQ(contents(*again).size(), std::size_t{threads} * commits);
}

class try_commit : public async_commit {
 protected:
  /// Returns whether a transaction that sets the key can be committed now.
  static bool try_set(test_database& db, const std::string& key, const std::string& value) {
    transaction tx = db->begin();
    tx.set(key, value);
    return tx.try_commit();
  }
};

TEST_F(try_commit, is_in_the_file_and_visible_when_nothing_is_to_be_waited_for) {
  test_database db(files_, clock_);
  EXPECT_FALSE(try_set(db, "a", "0"));  // the preparation for the first write syncs
  EXPECT_EQ(db->get("a"), std::nullopt);
  db->set("a", "0");
  files_.forget_calls();
  EXPECT_TRUE(db->try_begin());
  EXPECT_TRUE(try_set(db, "a", "1"));
  for (const auto& record : files_.calls())
    EXPECT_NE(record.call, io_call::sync);
  EXPECT_EQ(db->get("a"), "1");
  {
    transaction nothing = db->begin();
    EXPECT_TRUE(nothing.try_commit());
    EXPECT_EQ(code_of([&] { nothing.try_commit(); }), errc::transaction_ended);
  }
  db->close();
  test_database again(files_, clock_);
  EXPECT_EQ(again->get("a"), "1");
}

TEST_F(try_commit, leaves_a_transaction_as_it_was_that_would_wait_for_the_disk) {
  test_database db(files_, clock_, sync_policy::always);
  db->set("a", "0");
  EXPECT_FALSE(db->try_begin());
  transaction tx = db->begin();
  tx.set("a", "1");
  EXPECT_FALSE(tx.try_commit());
  EXPECT_EQ(tx.get("a"), "1");
  tx.set("b", "1");
  tx.commit();
  EXPECT_EQ(db->get("a"), "1");
  EXPECT_EQ(after_a_power_cut("b"), "1");
}

TEST_F(try_commit, is_refused_while_the_file_is_synced) {
  test_database db(gated_, clock_);
  db->set("a", "0");
  gated_.hold();
  std::future<void> sync = std::async(std::launch::async, [&] { db->sync(); });
  gated_.wait_for_a_sync();
  EXPECT_FALSE(try_set(db, "a", "1"));
  EXPECT_EQ(db->get("a"), "0");
  gated_.release();
  sync.get();
  EXPECT_TRUE(try_set(db, "a", "1"));
}

TEST_F(try_commit, is_refused_while_another_file_is_written) {
  test_database db(gated_, clock_);
  db->set("a", "0");
  db->sync();
  gated_.hold();
  std::future<void> shrink = std::async(std::launch::async, [&] { db->compact(); });
  gated_.wait_for_a_sync();
  EXPECT_FALSE(db->try_begin());
  EXPECT_FALSE(try_set(db, "a", "1"));
  gated_.release();
  shrink.get();
  EXPECT_TRUE(try_set(db, "a", "1"));
}

TEST_F(try_commit, is_refused_behind_a_commit_that_is_not_visible_yet) {
  test_database db(gated_, clock_, sync_policy::always);
  db->set("a", "0");
  gated_.hold();
  std::future<void> before = set(db, "a", "1");
  gated_.wait_for_a_sync();
  db->change([](settings& to) { to.sync = sync_policy::every_second; });
  EXPECT_FALSE(try_set(db, "a", "2"));
  gated_.release();
  before.get();
  EXPECT_TRUE(try_set(db, "a", "2"));
}

TEST_F(try_commit, is_refused_until_the_cut_of_a_failed_append_is_synced) {
  test_database db(files_, clock_);
  db->set("a", "0");
  files_.fail_nth(1, ENOSPC, io_call::write);
  EXPECT_EQ(code_of([&] { try_set(db, "a", "1"); }), std::errc::no_space_on_device);
  EXPECT_EQ(db->get("a"), "0");
  EXPECT_FALSE(try_set(db, "a", "2"));
  db->set("a", "3");
  EXPECT_TRUE(try_set(db, "a", "4"));
}

TEST_F(try_commit, needs_a_right_to_write_that_try_begin_gives_only_if_nobody_has_it) {
  test_database db(clock_);
  {
    const transaction writing = db->begin();
    EXPECT_FALSE(db->try_begin());
    EXPECT_FALSE(std::async(std::launch::async, [&] { return db->try_begin().has_value(); }).get());
  }
  std::optional<transaction> tx = db->try_begin();
  ASSERT_TRUE(tx);
  tx->set("a", "1");
  const std::uint64_t revision = tx->revision();
  EXPECT_TRUE(tx->try_commit());
  const snapshot view = db->begin_read();
  EXPECT_EQ(view.find("a")->revision, revision);
}

}  // namespace
}  // namespace buntdb
