#include <array>
#include <cerrno>
#include <chrono>
#include <span>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <buntdb/metrics.hpp>

#include "memory/with_pool.hpp"
#include "support/fake_clock.hpp"
#include "support/memory_file_system.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(metrics, are_the_figures_in_prometheus_text_format) {
  const statistics figures{.items = 3,
                           .memory_bytes = 400,
                           .reserved_bytes = 2'097'152,
                           .file_bytes = 1000,
                           .live_bytes = 700,
                           .compactions = 2,
                           .last_sync = time_point{std::chrono::milliseconds{1'790'000'000'250}},
                           .dropped_calls = 1};
  const std::string text = to_prometheus(figures);
  EXPECT_THAT(text, HasSubstr("# TYPE buntdb_items gauge\nbuntdb_items 3\n"));
  EXPECT_THAT(text, HasSubstr("\nbuntdb_reserved_bytes 2097152\n"));
  EXPECT_THAT(text, HasSubstr("\nbuntdb_dead_bytes 300\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE buntdb_compactions_total counter\n"
                              "buntdb_compactions_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nbuntdb_last_sync_timestamp_seconds 1790000000.250\n"));
  EXPECT_THAT(text, Not(HasSubstr("buntdb_last_compaction_timestamp_seconds")));
  EXPECT_EQ(text.back(), '\n');
}

TEST(metrics, have_a_histogram_of_syncs) {
  using namespace std::chrono_literals;
  statistics figures{.commits = 7, .unsynced_for = 1500ms, .writes_stopped = true};
  figures.syncs.add(100us);  // a bound belongs to the class below it
  figures.syncs.add(3ms);
  figures.syncs.add(11s);
  const std::string text = to_prometheus(figures);
  EXPECT_THAT(text, HasSubstr("# TYPE buntdb_sync_seconds histogram\n"
                              "buntdb_sync_seconds_bucket{le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{le=\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("{le=\"10\"} 2\nbuntdb_sync_seconds_bucket{le=\"+Inf\"} 3\n"
                              "buntdb_sync_seconds_sum 11.0031\nbuntdb_sync_seconds_count 3\n"));
  EXPECT_THAT(text, HasSubstr("\nbuntdb_commits_total 7\n"));
  EXPECT_THAT(text, HasSubstr("\nbuntdb_unsynced_seconds 1.5\n"));
  EXPECT_THAT(text, HasSubstr("\nbuntdb_writes_stopped 1\n"));
  const named_statistics named{"a", &figures};
  EXPECT_THAT(to_prometheus(std::span{&named, 1}),
              HasSubstr("buntdb_sync_seconds_bucket{database=\"a\",le=\"0.0001\"} 1\n"));
}

class counted_work : public ::testing::Test {
 protected:
  testing::fake_clock clock_;
  testing::memory_file_system files_;
};

TEST_F(counted_work, counts_commits_that_change_something) {
  testing::test_database db(files_, clock_);
  EXPECT_EQ(db->stats().commits, 0U);
  db->set("a", "1");
  db->update([](transaction& tx) {
    tx.set("b", "1");
    tx.set("c", "1");
  });
  db->update([](transaction& tx) { EXPECT_EQ(tx.get("a"), "1"); });
  EXPECT_EQ(db->stats().commits, 2U);
}

TEST_F(counted_work, counts_and_times_syncs_and_says_what_waits_for_one) {
  testing::test_database db(files_, clock_);
  const std::uint64_t before = db->stats().syncs.total();
  EXPECT_EQ(db->stats().unsynced_for.count(), 0);
  db->set("a", "1");
  EXPECT_GT(db->stats().unsynced_for.count(), 0);
  db->sync();
  EXPECT_EQ(db->stats().syncs.total(), before + 1);
  EXPECT_EQ(db->stats().unsynced_for.count(), 0);
}

TEST_F(counted_work, tells_that_writes_have_stopped) {
  testing::test_database db(files_, clock_);
  db->set("a", "1");
  EXPECT_FALSE(db->stats().writes_stopped);
  files_.fail_nth(1, EIO, testing::io_call::sync);
  EXPECT_THROW(db->sync(), error);
  EXPECT_TRUE(db->stats().writes_stopped);
  EXPECT_EQ(db->stats().commits, 1U);
}

TEST_F(counted_work, counts_compactions_that_failed) {
  testing::test_database db(files_, clock_);
  db->set("a", "1");
  db->compact();
  EXPECT_EQ(db->stats().compaction_failures, 0U);
  files_.fail_nth(1, ENOSPC, testing::io_call::open);
  EXPECT_THROW(db->compact(), error);
  EXPECT_EQ(db->stats().compaction_failures, 1U);
  EXPECT_EQ(db->stats().compactions, 1U);
}

TEST(metrics, of_several_databases_come_metric_by_metric_with_a_label) {
  const statistics few{.items = 1, .file_bytes = 10, .live_bytes = 30};
  const statistics many{.items = 9};
  const std::array<named_statistics, 2> both{{{"a \"b\"\\\n", &few}, {"c", &many}}};
  const std::string text = to_prometheus(both);
  EXPECT_THAT(text, HasSubstr("# TYPE buntdb_items gauge\n"
                              "buntdb_items{database=\"a \\\"b\\\"\\\\\\n\"} 1\n"
                              "buntdb_items{database=\"c\"} 9\n# HELP "));
  EXPECT_THAT(text, HasSubstr("buntdb_dead_bytes{database=\"c\"} 0\n")) << "never below zero";
}

TEST(metrics, of_a_database_have_what_its_pool_reserved) {
  const engine::with_pool pools;
  database db = database::in_memory();
  db.set("a", "1");
  const statistics figures = db.stats();
  EXPECT_GT(figures.reserved_bytes, 0U);
  EXPECT_THAT(to_prometheus(figures), HasSubstr("\nbuntdb_reserved_bytes " +
                                                std::to_string(figures.reserved_bytes) + "\n"));
}

}  // namespace
}  // namespace buntdb
