// How recovery treats markers: torn and damaged ones, copies, and bytes that look like one.

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "log/opened_file.hpp"
#include "support/log_builder.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using testing::items;
using testing::log_builder;
using testing::opened_file;
using testing::set;

/// Two files whose batches have the same positions and numbers, like those before and after a
/// compaction.
struct two_files {
  log_builder ours = builder(new_file_id(), '1');
  log_builder older = builder(new_file_id(), '0');

  static log_builder builder(std::uint64_t id, char value) {
    log_builder log;
    log.of_file(id).set("a", std::string(1, value)).synced();
    log.set("b", std::string(1, value)).synced().set("c", std::string(1, value)).synced().seal();
    return log;
  }
};

// Some file systems show old bytes if the size of a file reached the disk and its bytes did not.
TEST(recovery, does_not_take_another_files_batches_for_its_own) {
  const two_files files;
  const std::uint64_t end = files.ours.ends()[0];
  const opened_file file(files.ours.bytes().substr(0, end) + files.older.bytes().substr(end));
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, end);
  EXPECT_EQ(file.items(), items({{"a", "1"}}));
}

TEST(recovery, is_not_refused_because_another_files_marker_vouches_for_more) {
  const two_files files;
  const std::uint64_t end = files.ours.ends()[1];
  const std::uint64_t stale = files.ours.ends()[2];
  std::string torn = files.ours.bytes().substr(0, end + 10);
  torn.resize(stale, '\0');
  const opened_file file(torn + files.older.bytes().substr(stale));
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, end);
}

TEST(recovery, goes_on_with_the_number_of_its_file) {
  const two_files files;
  const opened_file file(files.ours.bytes());
  const auto first = read_marker(files.ours.bytes(), 0);
  EXPECT_EQ(file.found.file_id, first->file);
  EXPECT_NE(first->file, read_marker(files.older.bytes(), 0)->file);
  EXPECT_EQ(opened_file(set("a", "1")).found.file_id, std::nullopt);
}

// A marker that lies across two sectors may lose its second part in a power cut. What is left
// parses as a `del` of some key; the commands of the torn batch must not be accepted because of it.
TEST(recovery, does_not_take_a_damaged_marker_for_another_programs_del) {
  log_builder log;
  log.set("a", "1").synced().seal().batch([](std::string& out) {
    append_del(out, "a");
    append_set(out, "b", "2");
  });
  const std::uint64_t torn = log.ends()[1];
  const std::size_t key = format::marker_head.find(format::reserved_prefix);
  for (std::size_t first = key; first < format::marker_head.size(); ++first) {
    std::string bytes = log.bytes();
    // The rest of the marker's key, except its last bytes.
    for (std::size_t i = first; i < marker_size - 6; ++i)
      bytes[torn + i] = '\0';
    const opened_file file(bytes);
    ASSERT_TRUE(file.is_cut()) << first;
    EXPECT_EQ(file.found.good_end, torn);
    EXPECT_EQ(file.items(), items({{"a", "1"}}));
  }
  for (std::size_t at = key; at < format::marker_head.size(); ++at) {
    std::string bytes = log.bytes();
    bytes[torn + at] = static_cast<char>(bytes[torn + at] ^ 1);
    const opened_file file(bytes);
    ASSERT_TRUE(file.is_cut()) << at;
    EXPECT_EQ(file.items(), items({{"a", "1"}}));
  }
  // Without markers, it is a user's key like any other.
  std::string foreign = set("a", "1");
  append_del(foreign, std::string(format::marker_key_size, '\0'));
  EXPECT_FALSE(opened_file(foreign).found.damage);
}

// The same after a damaged batch: the torn marker's `del` must not be mistaken for an append by
// another program.
TEST(recovery, does_not_take_a_torn_marker_for_a_foreign_append) {
  log_builder log;
  log.set("a", "1").synced().seal().set("b", "2").set("c", "3");
  std::string bytes = log.bytes();
  bytes[log.ends()[2] - 3] = '?';  // in the value
  for (std::size_t i = 21; i < marker_size - 6; ++i)
    bytes[log.ends()[2] + i] = '\0';
  const opened_file file(bytes);
  ASSERT_TRUE(file.is_cut()) << file.found.damage.value().reason;
  EXPECT_EQ(file.found.good_end, log.ends()[1]);
}

// If the first seal of a file lies across two sectors and only one reached the disk, the open must
// cut it off instead of refusing the file.
TEST(recovery, cuts_a_torn_first_seal) {
  for (const std::string& before : {std::string(), set("original", "value")}) {
    const std::uint64_t begin = before.size();
    log_builder log(before);
    log.seal();
    for (std::size_t from = 0; from < marker_size; ++from) {
      for (std::size_t to = from + 1; to <= marker_size; ++to) {
        std::string bytes = log.bytes();
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(begin + from),
                  bytes.begin() + static_cast<std::ptrdiff_t>(begin + to), '\0');
        const opened_file file(bytes);
        ASSERT_FALSE(file.is_refused()) << from << " to " << to;
        ASSERT_EQ(file.items().size(), before.empty() ? 0U : 1U);
      }
    }
  }
  EXPECT_TRUE(opened_file("hello, world").is_refused());
  EXPECT_TRUE(opened_file(set("original", "value") + "*2\r\n$3\r\ndel\r\n$4\r\nab").is_cut());
  EXPECT_TRUE(opened_file(set("original", "value") + "*2\r\n$3\r\nfoo\r\n").is_refused());
}

TEST(recovery, hears_a_marker_behind_any_damage) {
  log_builder log;
  log.set("a", "1").set("b", std::string(3'000'000, 'b')).synced().set("c", "3");
  std::string bytes = log.bytes();
  bytes[70] ^= 1;
  EXPECT_TRUE(opened_file(bytes).is_refused());
}

TEST(recovery, does_not_hear_a_copy_of_a_marker) {
  log_builder log;
  log.set("a", "1").synced();
  log_builder other;
  other.raw(std::string(5000, 'x')).synced().seal();
  const std::string copied = other.bytes().substr(5000);
  log.set("b", copied);
  std::string bytes = log.bytes();
  bytes[log.ends()[0] + marker_size + 5] ^= 1;
  const opened_file file(bytes);
  EXPECT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.synced, log.ends()[0]);
}

TEST(recovery, refuses_a_value_under_a_reserved_key) {
  const opened_file file(set("a", "1") + set("\0bunt:mine"s, "1"));
  ASSERT_TRUE(file.is_refused());
  EXPECT_THAT(file.found.damage->reason, HasSubstr("reserved key"));
}

TEST(recovery, takes_a_reserved_del_of_a_markers_length_for_a_damaged_marker) {
  std::string marker_like;
  append_del(marker_like, "\0bunt:"s + std::string(37, 'x'));
  EXPECT_TRUE(opened_file(set("a", "1") + marker_like).is_refused());
  std::string other;
  append_del(other, "\0bunt:"s + std::string(36, 'x'));
  EXPECT_FALSE(opened_file(set("a", "1") + other).found.damage);
}

TEST(recovery, allows_no_nothing_command_in_a_batch) {
  log_builder log;
  log.set("a", "1").batch([](std::string& out) { out += "*0\r\n"; });
  const opened_file file(log.bytes());
  EXPECT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, log.ends()[0]);
}

TEST(recovery, allows_no_nuls_and_no_marker_in_a_batch) {
  log_builder nuls;
  nuls.batch([](std::string& out) { out += set("a", "1") + '\0' + set("b", "2"); });
  EXPECT_TRUE(opened_file(nuls.bytes()).is_cut());

  log_builder nested;
  nested.batch([](std::string& out) {
    append_set(out, "a", "1");
    append_seal(out, {.at = out.size(), .number = 2});
  });
  EXPECT_TRUE(opened_file(nested.bytes()).is_cut());
}

}  // namespace
}  // namespace buntdb::log
