// What a repair reports about the bytes that it did not keep.

#include "storage/lost_commands.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/memory_file.hpp"
#include "log/encode.hpp"
#include "support/log_builder.hpp"

namespace buntdb::engine {
namespace {

using log::append_del;
using log::append_flushdb;
using log::append_set;
using log::append_set_expiring;
using log::command_kind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::log_builder;

std::vector<std::string> read(const std::string& bytes, std::size_t begin = 0) {
  const io::memory_file file("memory", bytes, {});
  lost_commands lost;
  lost.read(file, begin, bytes.size());
  std::vector<std::string> found;
  for (const lost_command& each : lost.found) {
    found.push_back((each.kind == command_kind::erase   ? "del "
                     : each.kind == command_kind::clear ? "clear"
                                                        : "set ") +
                    each.key);
  }
  return found;
}

TEST(lost_commands, are_listed_with_their_keys_and_without_the_markers) {
  log_builder log;
  log.set("a", "1");
  std::string bytes = log.bytes();
  append_del(bytes, "b");
  append_flushdb(bytes);
  append_set_expiring(bytes, "c", "3", 1000);
  EXPECT_THAT(read(bytes), ElementsAre("set a", "del b", "clear", "set c"));
}

TEST(lost_commands, are_listed_though_the_value_is_torn_or_its_length_is_wrong) {
  std::string torn;
  append_set(torn, "torn", std::string(100, 'v'));
  torn.resize(torn.size() - 50);
  EXPECT_THAT(read(torn), ElementsAre("set torn"));
  std::string wrong;
  append_set(wrong, "wrong", "value");
  wrong[wrong.find("$5\r\nvalue") + 1] = '7';
  append_del(wrong, "next");
  EXPECT_THAT(read(wrong), ElementsAre("set wrong", "del next"));
}

TEST(lost_commands, are_found_after_bytes_that_cannot_be_read) {
  std::string bytes(3'000'000, '*');
  append_del(bytes, "logout");
  EXPECT_THAT(read(bytes), ElementsAre("del logout"));
}

TEST(lost_commands, are_none_inside_a_value_that_is_whole) {
  std::string inner;
  append_del(inner, "inner");
  std::string bytes;
  append_set(bytes, "outer", inner);
  EXPECT_THAT(read(bytes), ElementsAre("set outer"));
}

TEST(lost_commands, whose_keys_are_cut_off_or_impossible_are_not_listed) {
  EXPECT_THAT(read("*2\r\n$3\r\ndel\r\n$9\r\ncut"), IsEmpty());
  EXPECT_THAT(read("*2\r\n$3\r\ndel\r\n$99999999999999999999\r\nk\r\n"), IsEmpty());
  EXPECT_THAT(read("*2\r\n$3\r\ndel\r\n$1"), IsEmpty());
}

TEST(lost_commands, of_several_pieces_have_one_limit_of_bytes) {
  std::string bytes;
  for (int i = 0; i < 200; ++i)
    append_del(bytes, std::string(60'000, 'k'));
  const io::memory_file file("memory", bytes, {});
  lost_commands lost;
  for (int piece = 0; piece < 3; ++piece)
    lost.read(file, 0, bytes.size());
  EXPECT_LE(lost.key_bytes, std::uint64_t{16} << 20U);
  EXPECT_EQ(lost.found.size() + lost.more, 600U);
}

TEST(lost_commands, of_very_many_are_counted_beyond_a_limit) {
  std::string bytes;
  for (int i = 0; i < 100'010; ++i)
    append_del(bytes, "k");
  const io::memory_file file("memory", bytes, {});
  lost_commands lost;
  lost.read(file, 0, bytes.size());
  EXPECT_EQ(lost.found.size(), 100'000U);
  EXPECT_EQ(lost.more, 10U);
}

}  // namespace
}  // namespace buntdb::engine
