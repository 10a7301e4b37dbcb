#include "support/memory_file_system.hpp"

#include <cerrno>
#include <map>
#include <string>
#include <vector>

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
  // The name was not synced: the file is lost with it.
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

TEST(memory_file_system, loses_zeroes_tears_and_garbles_sectors) {
  memory_file_system disk;
  disk.put("db", std::string(10, 'a'));
  const auto file = disk.open("db", io::open_mode::read_write);
  file->write_at(5, std::string(1100, 'a'));
  const auto left = [&disk](std::map<std::uint64_t, sector_fate> fates) {
    power_cut cut;
    cut.name_survives = [](const std::string&) { return true; };
    cut.fate = [&fates](const unsynced_sector& part) {
      EXPECT_EQ(part.durable, std::string(10, 'a'));
      EXPECT_EQ(part.changes, 1U);
      return fates.contains(part.sector) ? fates[part.sector] : sector_fate::written;
    };
    return disk.after(cut)->content("db");
  };
  EXPECT_EQ(left({}), std::string(1105, 'a'));
  EXPECT_EQ(left({{1, sector_fate::lost}, {2, sector_fate::lost}}), std::string(512, 'a'));
  // Bytes that are not written stay, whatever happens to the others in their sector.
  EXPECT_EQ(left({{0, sector_fate::zeroed}}),
            std::string(10, 'a') + std::string(502, '\0') + std::string(593, 'a'));
  const std::string garbled = left({{0, sector_fate::garbled}});
  EXPECT_EQ(garbled.substr(0, 10), std::string(10, 'a'));
  EXPECT_EQ(garbled.substr(512), std::string(593, 'a'));
  EXPECT_NE(garbled.substr(10, 502), std::string(502, 'a'));
  const std::string front = left({{1, sector_fate::torn_front}, {2, sector_fate::lost}});
  EXPECT_GE(front.size(), 512U);
  EXPECT_LE(front.size(), 1024U);
  EXPECT_EQ(front, std::string(front.size(), 'a'));
  const std::string back = left({{1, sector_fate::torn_back}});
  EXPECT_EQ(back.size(), 1105U);
  EXPECT_EQ(
      back.find_last_of('\0') == std::string::npos ? 512 : back.find_last_of('\0') + 1,
      back.find('\0') == std::string::npos ? 512 : back.find_first_not_of('\0', back.find('\0')));
}

TEST(memory_file_system, decides_of_each_name_for_itself) {
  memory_file_system disk;
  disk.put("old", "1");
  disk.put("gone", "2");
  disk.open("new", io::open_mode::read_write)->write_at(0, std::string("3"));
  disk.rename("new", "old");
  disk.remove("gone");
  const auto names = [&disk](const std::string& survives) {
    power_cut cut;
    cut.fate = [](const unsynced_sector&) { return sector_fate::written; };
    cut.name_survives = [&survives](const std::string& path) { return path == survives; };
    const auto left = disk.after(cut);
    std::string text;
    for (const std::string& path : left->paths())
      text += path + "=" + left->content(path) + " ";
    return text;
  };
  EXPECT_EQ(names(""), "gone=2 old=1 ");
  EXPECT_EQ(names("old"), "gone=2 old=3 ");
  EXPECT_EQ(names("gone"), "old=1 ");
}

TEST(memory_file_system, forgets_what_it_failed_to_sync) {
  memory_file_system disk;
  disk.put("db", "");
  const auto file = disk.open("db", io::open_mode::read_write);
  file->write_at(0, std::string("12345"));
  disk.fail_nth(1, EIO, io_call::sync);
  EXPECT_EQ(code_of([&] { file->sync(); }), std::errc::io_error);
  file->write_at(5, std::string("6"));
  file->sync();
  EXPECT_EQ(disk.content("db"), "123456");
  EXPECT_EQ(disk.synced_content("db"), std::string(5, '\0') + "6");
  // Written again, they wait for the disk again.
  file->write_at(1, std::string("23"));
  file->sync();
  EXPECT_EQ(disk.synced_content("db"), std::string("\0"
                                                   "23\0\0"
                                                   "6",
                                                   6));
  EXPECT_EQ(disk.after_power_cut(data::kept)->content("db"), "123456");
}

TEST(memory_file_system, goes_on_after_the_process_was_killed) {
  memory_file_system disk;
  disk.put("db", "1");
  const auto file = disk.open("db", io::open_mode::read_write);
  EXPECT_TRUE(file->try_lock());
  file->write_at(1, std::string("2"));
  const auto later = disk.after_kill();
  EXPECT_EQ(later->content("db"), "12");
  EXPECT_EQ(later->synced_content("db"), "1");
  const auto again = later->open("db", io::open_mode::read_write);
  EXPECT_TRUE(again->try_lock());
  again->sync();
  EXPECT_EQ(later->synced_content("db"), "12");
  EXPECT_EQ(disk.synced_content("db"), "1");
}

TEST(memory_file_system, tells_of_each_call_before_it_happens) {
  memory_file_system disk;
  const auto file = disk.open("db", io::open_mode::read_write);
  std::vector<std::string> seen;
  disk.watch([&](const io_record&) { seen.push_back(disk.content("db")); });
  file->write_at(0, std::string("1"));
  file->write_at(1, std::string("2"));
  disk.watch({});
  file->write_at(2, std::string("3"));
  EXPECT_THAT(seen, ElementsAre("", "1"));
}

TEST(memory_file_system, shortens_one_write) {
  memory_file_system disk;
  const auto file = disk.open("db", io::open_mode::read_write);
  disk.shorten_nth_write(2, 1);
  EXPECT_EQ(file->write_at(0, std::string("12")), 2U);
  EXPECT_EQ(file->write_at(2, std::string("34")), 1U);
  EXPECT_EQ(file->write_at(3, std::string("45")), 2U);
  EXPECT_EQ(disk.content("db"), "12345");
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
  file->write_at(1, std::string("c"));  // otherwise the sync would have nothing to do
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
