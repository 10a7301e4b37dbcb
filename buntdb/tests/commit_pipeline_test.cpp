#include "engine/commit_pipeline.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "log/batch.hpp"
#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::engine {
namespace {

using namespace std::chrono_literals;

class CommitPipeline : public ::testing::Test {
 protected:
  CommitPipeline() { pipeline_.emplace(&versions_[0], &log_, clock_.now(), reporter_); }

  void append() {
    std::string batch;
    log::begin_batch(batch);
    log::append_set(batch, "key", "value");
    log_.append(batch, pipeline_->durable_end());
  }

  /// A version that ends where the file does.
  void submit(std::uint64_t number) {
    versions_[number].number = number;
    versions_[number].file_end = log_.end();
    pipeline_->submit(&versions_[number], false);
  }

  testing::fake_clock clock_;
  testing::memory_file_system files_;
  log_file log_{files_, files_.open("db", io::open_mode::read_write), {}};
  reporter reporter_{nullptr};
  version versions_[4];
  std::optional<commit_pipeline> pipeline_;
};

// A transaction that set a key and erased it again has no batch. It began the time by which a sync
// is due, but left nothing to sync that could end it: three seconds later a commit had to sync.
TEST_F(CommitPipeline, has_nothing_to_sync_for_a_version_without_a_batch) {
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

}  // namespace
}  // namespace buntdb::engine
