#include "log/recovery.hpp"

#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/marker.hpp"
#include "log/opened_file.hpp"
#include "log/window.hpp"
#include "support/log_builder.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using testing::io_call;
using testing::items;
using testing::log_builder;
using testing::log_path;
using testing::memory_file_system;
using testing::opened_file;
using testing::set;
using testing::written_at;

TEST(recovery, finds_nothing_in_an_empty_file) {
  const opened_file file("");
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.found.good_end, 0U);
  EXPECT_EQ(file.found.next_number, 1U);
  EXPECT_EQ(file.found.commands, 0U);
  EXPECT_FALSE(file.found.has_markers);
  EXPECT_TRUE(file.items().empty());
}

TEST(recovery, reads_batches_seals_and_commands_without_markers) {
  log_builder log(set("old", "1"));
  log.synced().set("a", "1").synced().seal().raw(set("b", "2"));
  log.batch([](std::string& out) {
    append_set_expiring(out, "c", "3", 4102444800);
    append_del(out, "old");
  });
  const opened_file file(log.bytes());
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.found.good_end, log.size());
  EXPECT_EQ(file.found.commands, 5U);
  EXPECT_EQ(file.found.batches, 3U);
  EXPECT_EQ(file.found.next_number, 4U);
  EXPECT_EQ(file.found.synced, log.ends()[0]);
  EXPECT_TRUE(file.found.has_markers);
  EXPECT_FALSE(file.found.has_relative_expiries);
  auto expected = items({{"a", "1"}, {"b", "2"}});
  expected["c"] = {"3", 4102444800};
  EXPECT_EQ(file.items(), expected);
}

TEST(recovery, applies_a_flush) {
  log_builder log;
  log.set("a", "1").batch(append_flushdb).set("b", "2");
  EXPECT_EQ(opened_file(log.bytes()).items(), items({{"b", "2"}}));
}

TEST(recovery, keeps_nothing_of_a_torn_batch) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  log.batch([](std::string& out) {
    append_set(out, "b", "2");
    append_set(out, "c", "3");
  });
  for (std::uint64_t size = first + 1; size < log.size(); ++size) {
    const opened_file file(std::string_view(log.bytes()).substr(0, size));
    ASSERT_TRUE(file.is_cut()) << size;
    ASSERT_EQ(file.found.good_end, first);
    ASSERT_EQ(file.found.next_number, 2U);
    ASSERT_EQ(file.items(), items({{"a", "1"}}));
  }
}

TEST(recovery, keeps_nothing_of_a_batch_with_a_sector_that_never_reached_the_disk) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  log.set("b", std::string(2000, 'b')).set("c", "3");
  std::string bytes = log.bytes();
  bytes.replace(1024, 512, std::string(512, '\0'));
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
  EXPECT_EQ(file.items(), items({{"a", "1"}}));
}

TEST(recovery, keeps_nothing_of_a_batch_whose_marker_never_reached_the_disk) {
  // The marker ends at the end of a sector, so its loss leaves commands that parse.
  log_builder log;
  const std::string frame = set("a", "");
  log.set("a", std::string(1024 - 2 * marker_size - frame.size() - 2, 'a'));  // "$0" to "$NNN"
  const std::uint64_t first = log.size();
  ASSERT_EQ(first + marker_size, 1024U);
  log.set("b", "2");
  std::string bytes = log.bytes();
  bytes.replace(first, marker_size, std::string(marker_size, '\0'));
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
}

TEST(recovery, refuses_damage_below_what_a_later_marker_vouches_for) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  log.set("b", "2").synced().set("c", "3");
  std::string bytes = log.bytes();
  bytes[first + marker_size + 20] ^= 1;
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_refused());
  EXPECT_EQ(file.found.damage->code, errc::corrupt);
  EXPECT_EQ(file.found.damage->offset, first);
  EXPECT_EQ(file.found.synced, log.ends()[1]);
  EXPECT_THAT(file.found.damage->reason, HasSubstr(log_path));
  EXPECT_THAT(file.found.damage->reason, HasSubstr("offset " + std::to_string(first)));
  EXPECT_EQ(file.disk.paths(), std::vector{log_path});
}

TEST(recovery, is_vouched_for_by_a_seal) {
  log_builder log;
  log.set("a", "1").set("b", "2").synced().seal();
  std::string bytes = log.bytes();
  bytes[marker_size + 20] ^= 1;
  EXPECT_TRUE(opened_file(bytes).is_refused());
}

TEST(recovery, cuts_the_same_damage_when_nothing_vouches_for_it) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  log.set("b", "2").set("c", "3");
  std::string bytes = log.bytes();
  bytes[first + marker_size + 20] ^= 1;
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
}

TEST(recovery, goes_back_to_the_last_batch_when_a_number_is_missing) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  // What a lost marker leaves of its batch.
  log.raw(set("b", "2")).skip_number().set("c", "3");
  const opened_file file(log.bytes());
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
  EXPECT_EQ(file.found.commands, 1U);
  EXPECT_EQ(file.items(), items({{"a", "1"}}));
  EXPECT_THAT(file.found.damage->reason, HasSubstr("batch 3 stands where batch 2 should"));
}

TEST(recovery, refuses_to_cut_what_another_program_appended_to_a_torn_batch) {
  log_builder log;
  log.set("a", "1").batch([](std::string& out) {
    append_set(out, "b", "2");
    append_set(out, "c", std::string(50, 'c'));
  });
  // BuntDB cuts the torn command off and appends in its place.
  std::string bytes = log.bytes().substr(0, log.ends()[0] + marker_size + set("b", "2").size());
  for (int i = 0; i < 5; ++i)
    bytes += set("foreign", std::to_string(i));
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_refused());
  EXPECT_EQ(file.found.damage->offset, log.ends()[0]);
  EXPECT_THAT(file.found.damage->reason, HasSubstr("Another program"));
}

TEST(recovery, takes_no_later_batch_for_a_foreign_append) {
  log_builder log;
  log.set("a", "1").set("b", "2").set("c", "3").set("d", "4");
  std::string bytes = log.bytes();
  bytes[log.ends()[1] - 3] = '?';  // the value of b; its commands still parse
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, log.ends()[0]);
}

TEST(recovery, accepts_what_another_program_appended_to_whole_batches) {
  log_builder log;
  log.set("a", "1").raw(set("b", "2")).raw("*0\r\n");
  const opened_file file(log.bytes());
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.items(), items({{"a", "1"}, {"b", "2"}}));
}

TEST(recovery, keeps_the_originals_rule_without_markers) {
  const std::string whole = set("a", "1");
  const opened_file torn(whole + set("b", "2").substr(0, 20));
  EXPECT_TRUE(torn.is_cut());
  EXPECT_EQ(torn.found.good_end, whole.size());

  const opened_file damaged(whole + "garbage" + set("b", "2"));
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_EQ(damaged.found.damage->code, errc::corrupt);
  EXPECT_EQ(damaged.found.damage->offset, whole.size());
}

TEST(recovery, says_that_a_file_is_no_database) {
  for (const std::string& bytes :
       {"hello"s, "\0\0\0hello"s, "<html>"s, "*2\r\n$3\r\nget\r\n$1\r\na\r\n"s, "*-1\r\n"s}) {
    const opened_file file(bytes);
    ASSERT_TRUE(file.is_refused()) << bytes;
    EXPECT_EQ(file.found.damage->code, errc::not_a_database);
    EXPECT_THAT(file.found.damage->reason, HasSubstr(log_path + " is not a database"));
    EXPECT_EQ(file.found.good_end, 0U);
  }
}

TEST(recovery, names_the_command_that_repairs_in_every_message_about_damage) {
  log_builder log;
  log.set("a", "1").set("b", "2");
  std::string lost = log.bytes() + set("c", "3");
  lost.replace(70, 1, "x");
  const std::string whole = set("a", "1");
  for (const std::string& bytes : {lost, whole + "garbage" + set("b", "2"), std::string("text")}) {
    const opened_file file(bytes);
    if (!file.found.damage || !file.is_refused()) continue;
    EXPECT_THAT(file.found.damage->reason, HasSubstr("`buntdb repair " + log_path + "`")) << bytes;
  }
}

TEST(recovery, tells_of_line_ends_that_were_converted) {
  const std::string whole = set("a", "1") + set("b", "2");
  const auto replaced = [&](const std::string& by) {
    std::string bytes = whole;
    for (std::size_t at = 0; (at = bytes.find("\r\n", at)) != std::string::npos; at += by.size())
      bytes.replace(at, 2, by);
    return bytes;
  };
  for (const std::string line_end : {"\n", "\r\r\n"}) {
    const opened_file file(replaced(line_end));
    ASSERT_TRUE(file.is_refused());
    EXPECT_THAT(file.found.damage->reason, HasSubstr("Its line ends were converted"));
  }
  const opened_file other("*not a database*");
  EXPECT_THAT(other.found.damage->reason, ::testing::Not(HasSubstr("line ends")));
}

TEST(recovery, counts_relative_expiries_from_the_time_of_modification) {
  const auto relative = [](const std::string& seconds) {
    return "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$" +
           std::to_string(seconds.size()) + "\r\n" + seconds + "\r\n";
  };
  const opened_file file(relative("100"));
  EXPECT_TRUE(file.found.has_relative_expiries);
  EXPECT_EQ(file.found.modified, written_at);
  EXPECT_EQ(file.items().at("a").ends, 1'000'000'100);
  EXPECT_EQ(opened_file(relative("9223372036854775807")).items().at("a").ends, INT64_MAX);
  EXPECT_EQ(opened_file(relative("-9223372036854775808")).items().at("a").ends,
            INT64_MIN + 1'000'000'000);
}

TEST(recovery, reads_values_and_batches_larger_than_its_window) {
  log_builder log;
  const std::string large(3 * window::usual_size, 'v');
  log.set("a", "1").set("large", large);
  log.batch([](std::string& out) {
    for (int i = 0; i < 40'000; ++i)
      append_set(out, std::to_string(i), std::string(100, 'x'));
  });
  log.raw(set("raw", large)).set("z", "26");
  const opened_file file(log.bytes());
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.found.commands, 40'004U);
  const auto found = file.items();
  EXPECT_EQ(found.size(), 40'004U);
  EXPECT_EQ(found.at("large").value, large);
  EXPECT_EQ(found.at("raw").value, large);
  EXPECT_EQ(found.at("z").value, "26");
}

TEST(recovery, notices_a_file_that_shrinks_while_it_is_read) {
  opened_file file(set("a", "1") + set("b", "2"));
  file.file->truncate(40);
  EXPECT_THROW(file.items(), error);
  opened_file changed(set("a", "1") + set("b", "2"));
  changed.file->write_at(0, std::string("*9"));
  EXPECT_THROW(changed.items(), error);
}

TEST(recovery, passes_on_an_error_of_the_disk) {
  memory_file_system disk;
  disk.put(log_path, set("a", "1"));
  const auto file = disk.open(log_path, io::open_mode::read_only);
  disk.fail_nth(1, EIO, io_call::read);
  try {
    inspect(*file);
    FAIL();
  } catch (const error& problem) {
    EXPECT_EQ(problem.code(), std::errc::io_error);
  }
}

}  // namespace
}  // namespace buntdb::log
