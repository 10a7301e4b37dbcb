#include "support/memory_file_system.hpp"

#include <cerrno>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/error.hpp>

namespace buntdb::testing {
namespace {

using ::testing::ElementsAre;
using data = memory_file_system::unsynced_data;

std::error_code code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const error& problem) {
    return problem.code();
  }
  return {};
}

TEST(memory_file_system, loses_what_was_not_synced_when_the_power_goes) {
  memory_file_system disk;
  const auto file = disk.open("db", io::open_mode::read_write);
  file->write_at(0, std::string("synced"));
  file->sync();
  // The name was not: the file is lost with it.
  EXPECT_TRUE(disk.after_power_cut(data::dropped)->paths().empty());
  disk.sync_folder_of("db");
  file->write_at(6, std::string(" and not"));
  EXPECT_EQ(disk.content("db"), "synced and not");
  EXPECT_EQ(disk.after_power_cut(data::dropped)->content("db"), "synced");
  EXPECT_EQ(disk.after_power_cut(data::kept)->content("db"), "synced and not");
}

TEST(memory_file_system, keeps_old_names_until_the_folder_is_synced) {
  memory_file_system disk;
  disk.put("db", "old");
  disk.put("new", "new");
  disk.rename("new", "db");
  EXPECT_EQ(disk.content("db"), "new");
  EXPECT_EQ(disk.after_power_cut(data::dropped)->content("db"), "old");
  disk.sync_folder_of("db");
  EXPECT_EQ(disk.after_power_cut(data::dropped)->content("db"), "new");
  EXPECT_THAT(disk.after_power_cut(data::dropped)->paths(), ElementsAre("db"));
}

TEST(memory_file_system, lets_single_sectors_survive) {
  memory_file_system disk;
  disk.put("db", std::string(10, 'a'));
  const auto file = disk.open("db", io::open_mode::read_write);
  file->write_at(10, std::string(1500, 'b'));
  ASSERT_EQ(disk.unsynced("db").size(), 1U);
  EXPECT_EQ(disk.unsynced("db")[0].end_sector(), 3U);
  const auto later = disk.after_power_cut(
      data::kept,
      [](const std::string&, std::size_t, std::uint64_t sector) { return sector == 1; });
  EXPECT_EQ(later->content("db"),
            std::string(10, 'a') + std::string(502, '\0') + std::string(512, 'b'));
}

TEST(memory_file_system, fails_the_call_that_it_was_told_to) {
  memory_file_system disk;
  const auto file = disk.open("db", io::open_mode::read_write);
  disk.fail_nth(2, EIO, io_call::write);
  file->write_at(0, std::string("a"));
  file->sync();
  EXPECT_EQ(code_of([&] { file->write_at(1, std::string("b")); }), std::errc::io_error);
  EXPECT_EQ(disk.content("db"), "a");
  file->write_at(1, std::string("c"));
  disk.fail_all(io_call::sync, EIO);
  EXPECT_EQ(code_of([&] { file->sync(); }), std::errc::io_error);
  EXPECT_EQ(code_of([&] { file->sync(); }), std::errc::io_error);
  EXPECT_EQ(disk.synced_content("db"), "a");
  disk.heal();
  file->sync();
  EXPECT_EQ(disk.synced_content("db"), "ac");
  EXPECT_EQ(disk.count(io_call::sync), 4U);
}

TEST(memory_file_system, is_full_after_its_capacity) {
  memory_file_system disk;
  const auto file = disk.open("db", io::open_mode::read_write);
  disk.set_capacity(5);
  EXPECT_EQ(file->write_at(0, std::string("1234567")), 5U);
  EXPECT_EQ(code_of([&] { file->write_at(5, std::string("6")); }), std::errc::no_space_on_device);
  EXPECT_EQ(file->write_at(0, std::string("abc")), 3U);
  file->truncate(2);
  EXPECT_EQ(file->write_at(2, std::string("3456")), 3U);
}

TEST(memory_file_system, locks_like_flock) {
  memory_file_system disk;
  auto first = disk.open("db", io::open_mode::read_write);
  const auto second = disk.open("db", io::open_mode::read_write);
  EXPECT_TRUE(first->try_lock());
  EXPECT_TRUE(first->try_lock());
  EXPECT_FALSE(second->try_lock());
  first.reset();
  EXPECT_TRUE(second->try_lock());
}

}  // namespace
}  // namespace buntdb::testing
