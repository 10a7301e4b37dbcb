// What a database promises about time holds whatever transactions and the user's functions do.
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "api/database_access.hpp"
#include "engine/instance.hpp"
#include "support/code_of.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::memory_file_system;

constexpr const char* path = "/data/app.db";

/// Returns whether the condition becomes true before a long deadline.
bool comes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// A database with its threads, on a simulated disk.
class promises : public ::testing::Test {
 protected:
  database open(const options& options = {}) {
    return engine::database_access::open(disk_, path, options);
  }
  bool is_on_disk(const std::string& value) const {
    return disk_.synced_content(path).find(value) != std::string::npos;
  }

  memory_file_system disk_;
};

TEST_F(promises, every_second_syncs_while_a_transaction_is_open) {
  database db = open();
  db.set("key", "committed");
  const transaction open_for_long = db.begin();
  EXPECT_TRUE(comes_true([&] { return is_on_disk("committed"); }));
}

TEST_F(promises, every_second_syncs_while_hooks_take_their_time) {
  std::promise<void> release;
  std::promise<void> entered;
  database db = open();
  db.change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item>) {
      entered.set_value();
      release.get_future().wait();
    };
  });
  db.set("first", "gone", {.ttl = 1ms});
  entered.get_future().wait();
  db.set("key", "committed");
  EXPECT_TRUE(comes_true([&] { return is_on_disk("committed"); }));
  // The removal of other items does not wait for it either.
  db.change([](settings& to) { to.expiry.on_expired = {}; });
  db.set("second", "gone", {.ttl = 1ms});
  EXPECT_TRUE(comes_true([&] { return db.stats().items == 1; }));
  release.set_value();
}

TEST_F(promises, every_second_syncs_while_a_hook_in_a_transaction_takes_its_time) {
  std::promise<void> release;
  std::promise<void> entered;
  database db = open();
  db.set("key", "committed");
  db.change([&](settings& to) {
    to.expiry.on_expired_sync = [&](const entry&, transaction&) {
      entered.set_value();
      release.get_future().wait();
    };
  });
  db.set("first", "gone", {.ttl = 1ms});
  entered.get_future().wait();
  EXPECT_TRUE(comes_true([&] { return is_on_disk("committed"); }));
  release.set_value();
}

TEST_F(promises, every_second_syncs_while_on_event_takes_its_time) {
  std::promise<void> release;
  std::promise<void> entered;
  bool first = true;  // used by the queue's thread
  database db = open({.on_event = [&](const event&) {
    if (!std::exchange(first, false)) return;
    entered.set_value();
    release.get_future().wait();
  }});
  db.change([](settings& to) {
    to.expiry.on_expired_sync = [](const entry&, transaction&) { throw std::runtime_error("no"); };
  });
  db.set("first", "gone", {.ttl = 1ms});
  entered.get_future().wait();
  db.set("key", "committed");
  EXPECT_TRUE(comes_true([&] { return is_on_disk("committed"); }));
  release.set_value();
}

TEST_F(promises, calls_that_do_not_fit_are_counted_and_reported) {
  std::promise<void> release;
  std::promise<void> entered;
  bool first = true;  // used by the queue's thread
  std::atomic<bool> reported = false;
  database db = open({.sync = sync_policy::never, .on_event = [&](const event& event) {
                        reported = reported || event.kind == event_kind::calls_dropped;
                      }});
  db.change([&](settings& to) {
    to.expiry.on_expired = [&](std::span<const expired_item>) {
      if (!std::exchange(first, false)) return;
      entered.set_value();
      release.get_future().wait();
    };
  });
  db.set("first", "gone", {.ttl = 1ms});
  entered.get_future().wait();
  // Each call has up to 256 of these items: the second one does not fit the queue.
  const std::string value(80'000, 'x');
  db.update([&](transaction& tx) {
    for (int i = 0; i < 1024; ++i)
      tx.set("many:" + std::to_string(i), value, {.ttl = 1ms});
  });
  EXPECT_TRUE(comes_true([&] { return db.stats().items == 0; }));
  EXPECT_GT(db.stats().dropped_calls, 0U);
  release.set_value();
  EXPECT_TRUE(comes_true([&] { return reported.load(); }));
}

TEST_F(promises, a_change_to_never_leaves_one_last_sync_due) {
  database db = open();
  db.set("key", "committed");
  db.change([](settings& to) { to.sync = sync_policy::never; });
  EXPECT_TRUE(comes_true([&] { return is_on_disk("committed"); }));
}

TEST_F(promises, never_leaves_no_sync_overdue) {
  database db = engine::database_access::open(disk_, path, {.sync = sync_policy::never}, false);
  db.set("key", "value");
  engine::commit_pipeline& pipeline = engine::database_access::instance_of(db).core().pipeline();
  EXPECT_FALSE(pipeline.unsynced_for(0s));  // so try_commit() does not wait
  transaction tx = db.begin();
  tx.set("key", "another");
  EXPECT_TRUE(tx.try_commit());
}

TEST_F(promises, a_transaction_belongs_to_the_thread_that_uses_it) {
  database db = open();
  std::optional<transaction> moved;
  std::thread([&] { moved.emplace(db.begin()); }).join();
  moved->set("key", "value");  // this thread uses it now
  EXPECT_EQ(code_of([&] { db.set("other", "value"); }), errc::nested_transaction);
  std::promise<void> waits;
  std::thread beginner([&] {  // it is a different thread, even if it gets the same number
    waits.set_value();
    db.set("other", "value");
  });
  waits.get_future().wait();
  moved->commit();
  beginner.join();
  EXPECT_EQ(db.get("other"), "value");
}

TEST_F(promises, whoever_began_a_transaction_waits_for_it_after_it_has_moved) {
  database db = open();
  std::promise<transaction> handed_over;
  std::thread holder([&, later = handed_over.get_future()]() mutable {
    transaction tx = later.get();
    std::this_thread::sleep_for(10ms);
    tx.set("first", "value");
    tx.commit();
  });
  handed_over.set_value(db.begin());
  db.set("second", "value");  // waits, and must not throw errc::nested_transaction
  EXPECT_EQ(db.get("first"), "value");
  holder.join();
}

TEST_F(promises, the_last_owner_may_be_a_function_of_commit_then) {
  std::promise<void> dropped;
  {
    struct owner {
      explicit owner(memory_file_system& disk)
          : db(engine::database_access::open(disk, path, {})) {}
      database db;
    };
    auto shared = std::make_shared<owner>(disk_);
    transaction tx = shared->db.begin();
    tx.set("key", "value");
    std::promise<void> let_go;
    tx.commit_then([shared, &dropped, released = let_go.get_future().share()](auto) mutable {
      released.wait();
      shared.reset();
      dropped.set_value();
    });
    shared.reset();
    let_go.set_value();
  }
  dropped.get_future().wait();
  // It is closed at some time: then its lock is free.
  EXPECT_TRUE(comes_true([&] {
    try {
      return open().get("key") == "value";
    } catch (const error&) {
      return false;
    }
  }));
}

}  // namespace
}  // namespace buntdb
