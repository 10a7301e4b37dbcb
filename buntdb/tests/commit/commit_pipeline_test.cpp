#include "commit/commit_pipeline.hpp"

#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "log/batch.hpp"
#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "support/code_of.hpp"
#include "support/fake_clock.hpp"
#include "support/gated_file_system.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::engine {
namespace {

using namespace std::chrono_literals;
using testing::code_of;

class commit_pipeline_test : public ::testing::Test {
 protected:
  commit_pipeline_test() { pipeline_.emplace(&versions_[0], &log_, clock_, reporter_); }

  void append() {
    std::string batch;
    log::begin_batch(batch);
    log::append_set(batch, "key", "value");
    log_.append(batch, pipeline_->durable_end());
  }

  /// A version whose batch ends at the end of the file.
  using promise = commit_pipeline::promise;
  void submit(std::uint64_t number, promise durable = promise::within_time) {
    versions_[number].number = number;
    versions_[number].file_end = log_.end();
    pipeline_->submit(&versions_[number], durable);
  }

  testing::fake_clock clock_;
  testing::memory_file_system files_;
  testing::gated_file_system gated_{files_};
  log_file log_{gated_, gated_.open("db", io::open_mode::read_write), {}};
  reporter reporter_{nullptr};
  version versions_[4];
  std::optional<commit_pipeline> pipeline_;
};

// A transaction that sets a key and erases it again has no batch. It must not start the time after
// which a sync is due, because there is nothing to sync that could end it: three seconds later,
// commits would have to sync.
TEST_F(commit_pipeline_test, has_nothing_to_sync_for_a_version_without_a_batch) {
  submit(1);
  EXPECT_FALSE(pipeline_->unsynced_for(0s));
  append();
  submit(2);
  EXPECT_TRUE(pipeline_->unsynced_for(0s));
  submit(3);
  EXPECT_TRUE(pipeline_->unsynced_for(0s));
  pipeline_->sync();
  EXPECT_FALSE(pipeline_->unsynced_for(0s));
  EXPECT_EQ(pipeline_->durable_end(), log_.end());
}

TEST_F(commit_pipeline_test, begins_no_sync_while_an_undisturbed_append_is_under_way) {
  append();
  submit(1);
  const std::uint64_t before = pipeline_->durable_end();
  std::thread syncing;
  {
    const commit_pipeline::sync_blocker own(*pipeline_);
    ASSERT_TRUE(own);
    syncing = std::thread([&] { pipeline_->sync(); });
    // When no further append may begin, the sync is waiting.
    while (commit_pipeline::sync_blocker(*pipeline_))
      std::this_thread::yield();
    append();
    submit(2);
    EXPECT_EQ(pipeline_->durable_end(), before);
    EXPECT_FALSE(pipeline_->exchange_file(commit_pipeline::if_syncing::give_up,
                                          [](std::uint64_t) { return true; }));
  }
  syncing.join();
  EXPECT_EQ(pipeline_->durable_end(), log_.end());  // it includes the append
}

// An append after a failed one syncs the cut, perhaps concurrently with another thread's sync for
// its commits. The system reports an error to only one of the two; the other one must not consider
// its data durable.
TEST_F(commit_pipeline_test, takes_a_failed_sync_of_the_file_for_final_whoever_asked_for_it) {
  append();
  submit(1);
  files_.set_capacity(files_.content("db").size() + 10);
  EXPECT_EQ(code_of([&] { append(); }), std::errc::no_space_on_device);
  files_.set_capacity({});
  files_.fail_nth(1, EIO, testing::io_call::sync);
  EXPECT_EQ(code_of([&] { append(); }), std::errc::io_error);
  EXPECT_EQ(code_of([&] { pipeline_->sync(); }), errc::writes_stopped);
  EXPECT_NE(pipeline_->durable_end(), log_.end());
}

// A version that waits for no sync must not become visible after another thread's sync has failed.
TEST_F(commit_pipeline_test, shows_no_version_that_comes_after_a_failed_sync) {
  append();
  files_.fail_nth(1, EIO, testing::io_call::sync);
  submit(1);
  EXPECT_EQ(code_of([&] { pipeline_->sync(); }), errc::writes_stopped);
  append();
  submit(2);
  EXPECT_EQ(pipeline_->epoch(), 1U);
  EXPECT_EQ(code_of([&] { pipeline_->wait_visible(2); }), errc::writes_stopped);
  static_cast<void>(pipeline_->take_newest_pending());
}

// While a sync is under way, threads wait for it and for the next one. (Only many rounds show that
// no thread sleeps on: a thread about to sleep must not miss its wake-up, and a thread that is
// woken to lead the sync must not find that its version, which has no batch, needs no leader.)
TEST_F(commit_pipeline_test, wakes_everybody_whichever_sync_they_wait_for) {
  constexpr std::uint64_t writers = 6;
  std::vector<version> versions(100 * writers);
  for (std::uint64_t number = 1; number < versions.size();) {
    std::vector<std::thread> waiting;
    gated_.hold();
    for (std::uint64_t i = 0; i < writers && number < versions.size(); ++i, ++number) {
      if (i % 3 != 1) append();
      versions[number].number = number;
      versions[number].file_end = log_.end();
      pipeline_->submit(&versions[number], promise::before_visible);
      waiting.emplace_back([this, number] {
        pipeline_->wait_visible(number);
        EXPECT_GE(pipeline_->epoch(), number);
      });
      if (i == 0) gated_.wait_for_a_sync();
    }
    EXPECT_LT(pipeline_->epoch() + 1, number);
    for (int i = 0; i < 100; ++i)
      std::this_thread::yield();  // so that in most rounds most of them sleep
    gated_.release();
    for (std::thread& each : waiting)
      each.join();
    EXPECT_EQ(pipeline_->durable_end(), log_.end());
  }
}

TEST_F(commit_pipeline_test, tells_everybody_of_a_failed_sync_whichever_they_wait_for) {
  gated_.hold();
  std::vector<std::thread> waiting;
  for (std::uint64_t number = 1; number <= 3; ++number) {
    append();
    submit(number, promise::before_visible);
    waiting.emplace_back([this, number] {
      EXPECT_EQ(code_of([&] { pipeline_->wait_visible(number); }), errc::writes_stopped);
    });
    if (number == 1) gated_.wait_for_a_sync();
  }
  files_.fail_nth(1, EIO, testing::io_call::sync);
  gated_.release();
  for (std::thread& each : waiting)
    each.join();
  EXPECT_EQ(pipeline_->epoch(), 0U);
  while (pipeline_->take_newest_pending() != nullptr) {
  }
}

}  // namespace
}  // namespace buntdb::engine
