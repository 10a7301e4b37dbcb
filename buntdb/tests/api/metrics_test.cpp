#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <buntdb/metrics.hpp>

#include "memory/with_pool.hpp"

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
