// What recovery cuts off a file, and what it keeps.

#include <algorithm>
#include <string>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/opened_file.hpp"
#include "support/log_builder.hpp"

namespace buntdb::log {
namespace {

using ::testing::ElementsAre;
using testing::log_builder;
using testing::log_path;
using testing::memory_file_system;
using testing::opened_file;
using testing::set;
using testing::written_at;

TEST(recovery, reports_nuls_at_the_end_and_cuts_them_on_request) {
  log_builder log;
  log.set("a", "1");
  opened_file file(log.bytes() + std::string(4096, '\0'));
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.found.good_end, log.size());
  EXPECT_EQ(file.found.nul_tail, 4096U);
  cut_nul_tail(*file.file, file.found);
  EXPECT_EQ(file.disk.synced_content(log_path), log.bytes());
  EXPECT_EQ(file.file->status().modified, written_at);
}

TEST(recovery, leaves_a_file_without_nuls_at_the_end_alone) {
  opened_file file(set("a", "1"));
  file.disk.forget_calls();
  cut_nul_tail(*file.file, file.found);
  EXPECT_TRUE(file.disk.calls().empty());
}

TEST(cut, may_be_in_place_only_where_markers_tell_what_a_second_power_cut_leaves) {
  log_builder log;
  log.set("a", "1");
  const std::string torn = "*2\r\n$3\r\nde";
  const std::string relative = "*5\r\n$3\r\nset\r\n$1\r\nr\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n50\r\n";
  EXPECT_TRUE(may_be_cut_in_place(opened_file(log.bytes() + torn).found));
  EXPECT_FALSE(may_be_cut_in_place(opened_file(set("a", "1") + torn).found));
  EXPECT_FALSE(may_be_cut_in_place(opened_file(log.bytes() + relative + torn).found));
  const std::string flushed = relative + "*1\r\n$7\r\nflushdb\r\n";
  EXPECT_TRUE(may_be_cut_in_place(opened_file(log.bytes() + flushed + torn).found))
      << "no relative time is left";
}

TEST(cut, keeps_what_it_cuts) {
  log_builder log;
  log.set("a", "1");
  const std::string torn = "*2\r\n$3\r\nde";
  opened_file file(log.bytes() + torn);
  file.disk.forget_calls();
  const cut_result result = cut(file.disk, *file.file, file.found);
  EXPECT_EQ(result.kept_in, log_path + ".cut-" + std::to_string(log.size()));
  EXPECT_EQ(result.bytes, torn.size());
  EXPECT_EQ(file.file->status().modified, written_at);
  EXPECT_EQ(file.disk.status(result.kept_in)->mode, 0600U);

  // All of it survives a power cut directly after.
  const auto later = file.disk.after_power_cut(memory_file_system::unsynced_data::dropped);
  EXPECT_EQ(later->content(log_path), log.bytes());
  EXPECT_EQ(later->content(result.kept_in), torn);
}

TEST(cut, has_the_copy_on_disk_before_it_cuts) {
  log_builder log;
  log.set("a", "1");
  const std::string torn = "*2\r\n$3\r\nde";
  // However many calls succeed, the torn bytes are somewhere on the disk.
  for (std::uint64_t nth = 1; nth < 20; ++nth) {
    opened_file file(log.bytes() + torn);
    file.disk.fail_nth(nth, EIO);
    try {
      cut(file.disk, *file.file, file.found);
    } catch (const error& problem) {
      EXPECT_EQ(problem.code(), std::errc::io_error);
    }
    for (const auto what :
         {memory_file_system::unsynced_data::dropped, memory_file_system::unsynced_data::kept}) {
      const auto later = file.disk.after_power_cut(what);
      const std::string kept = log_path + ".cut-" + std::to_string(log.size());
      const auto names = later->paths();
      const bool has_copy = std::find(names.begin(), names.end(), kept) != names.end();
      EXPECT_TRUE(later->content(log_path) == log.bytes() + torn ||
                  (has_copy && later->content(kept) == torn))
          << nth;
    }
  }
}

TEST(cut, takes_another_name_when_one_is_taken) {
  log_builder log;
  log.set("a", "1");
  opened_file file(log.bytes() + "*2\r\n");
  const std::string name = log_path + ".cut-" + std::to_string(log.size());
  file.disk.put(name, "an earlier cut");
  file.disk.put(name + ".1", "another");
  EXPECT_EQ(cut(file.disk, *file.file, file.found).kept_in, name + ".2");
  EXPECT_EQ(file.disk.content(name), "an earlier cut");
  EXPECT_EQ(file.disk.content(name + ".2"), "*2\r\n");
}

TEST(cut, leaves_the_file_alone_when_the_disk_is_full) {
  log_builder log;
  log.set("a", "1");
  const std::string bytes = log.bytes() + "*2\r\n$3\r\nde";
  opened_file file(bytes);
  file.disk.set_capacity(bytes.size() + 3);
  try {
    cut(file.disk, *file.file, file.found);
    FAIL();
  } catch (const error& problem) {
    EXPECT_EQ(problem.code(), std::errc::no_space_on_device);
  }
  EXPECT_EQ(file.disk.content(log_path), bytes);
  EXPECT_THAT(file.disk.paths(), ElementsAre(log_path));
}

TEST(cut, copies_through_short_writes) {
  log_builder log;
  log.set("a", "1");
  opened_file file(log.bytes() + "*2\r\n$3\r\nde");
  file.disk.limit_writes(1);
  const cut_result result = cut(file.disk, *file.file, file.found);
  EXPECT_EQ(file.disk.content(result.kept_in), "*2\r\n$3\r\nde");
}

}  // namespace
}  // namespace buntdb::log
