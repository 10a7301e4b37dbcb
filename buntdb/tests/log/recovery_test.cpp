#include "log/recovery.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/format.hpp"
#include "log/marker.hpp"
#include "log/window.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::io_call;
using testing::log_builder;
using testing::map_sink;
using testing::memory_file_system;

const std::string path = "folder/app.db";
constexpr time_point written_at{1'000'000'000s + 700ms};

/// A file that is opened as the engine would, up to the first append.
struct opened {
  explicit opened(std::string_view bytes) {
    disk.put(path, bytes, written_at);
    file = disk.open(path, io::open_mode::read_write);
    found = inspect(*file, file->status(), told);
  }

  map_sink::map items() const {
    map_sink sink;
    replay(*file, found, sink);
    if (!found.damage) {
      EXPECT_EQ(told.items(), sink.items());
    }
    return sink.items();
  }

  damage_verdict verdict() const { return found.damage.value().verdict; }
  bool is_refused() const { return found.damage && verdict() == damage_verdict::refuse; }
  bool is_cut() const { return found.damage && verdict() == damage_verdict::cut; }

  memory_file_system disk;
  std::unique_ptr<io::file> file;
  map_sink told;  // what the inspection said on its way
  inspection found;
};

std::string set(std::string_view key, std::string_view value) {
  std::string out;
  append_set(out, key, value);
  return out;
}

map_sink::map items(const std::map<std::string, std::string>& values) {
  map_sink::map out;
  for (const auto& [key, value] : values)
    out[key] = {value, std::nullopt};
  return out;
}

TEST(recovery, finds_nothing_in_an_empty_file) {
  const opened file("");
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
  const opened file(log.bytes());
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

// Found by attack_power_cut: of a marker that lies across two sectors, the second was torn. What
// was left parsed as a `del` of some key, and the commands of the torn batch were believed.
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
    // The rest of the marker's key, but for its last bytes.
    for (std::size_t i = first; i < marker_size - 6; ++i)
      bytes[torn + i] = '\0';
    const opened file(bytes);
    ASSERT_TRUE(file.is_cut()) << first;
    EXPECT_EQ(file.found.good_end, torn);
    EXPECT_EQ(file.items(), items({{"a", "1"}}));
  }
  for (std::size_t at = key; at < format::marker_head.size(); ++at) {
    std::string bytes = log.bytes();
    bytes[torn + at] = static_cast<char>(bytes[torn + at] ^ 1);
    const opened file(bytes);
    ASSERT_TRUE(file.is_cut()) << at;
    EXPECT_EQ(file.items(), items({{"a", "1"}}));
  }
  // Where there are no markers, it is somebody's key like any other.
  std::string foreign = set("a", "1");
  append_del(foreign, std::string(format::marker_key_size, '\0'));
  EXPECT_FALSE(opened(foreign).found.damage);
}

// The same, behind a damaged batch: the torn marker's `del` was taken for a foreign append.
TEST(recovery, does_not_take_a_torn_marker_for_a_foreign_append) {
  log_builder log;
  log.set("a", "1").synced().seal().set("b", "2").set("c", "3");
  std::string bytes = log.bytes();
  bytes[log.ends()[2] - 3] = '?';  // in the value
  for (std::size_t i = 21; i < marker_size - 6; ++i)
    bytes[log.ends()[2] + i] = '\0';
  const opened file(bytes);
  ASSERT_TRUE(file.is_cut()) << file.found.damage.value().reason;
  EXPECT_EQ(file.found.good_end, log.ends()[1]);
}

// Found by attack_power_cut: the first seal of a file, across two sectors of which only one reached
// the disk, was taken for damage that no power cut explains, and the open refused.
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
        const opened file(bytes);
        ASSERT_FALSE(file.is_refused()) << from << " to " << to;
        ASSERT_EQ(file.items().size(), before.empty() ? 0U : 1U);
      }
    }
  }
  EXPECT_TRUE(opened("hello, world").is_refused());
  EXPECT_TRUE(opened(set("original", "value") + "*2\r\n$3\r\ndel\r\n$4\r\nab").is_cut());
  EXPECT_TRUE(opened(set("original", "value") + "*2\r\n$3\r\nfoo\r\n").is_refused());
}

TEST(recovery, applies_a_flush) {
  log_builder log;
  log.set("a", "1").batch(append_flushdb).set("b", "2");
  EXPECT_EQ(opened(log.bytes()).items(), items({{"b", "2"}}));
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
    const opened file(std::string_view(log.bytes()).substr(0, size));
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
  const opened file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
  EXPECT_EQ(file.items(), items({{"a", "1"}}));
}

TEST(recovery, keeps_nothing_of_a_batch_whose_marker_never_reached_the_disk) {
  // The marker ends where a sector does, so its loss leaves commands that parse.
  log_builder log;
  const std::string frame = set("a", "");
  log.set("a", std::string(1024 - 2 * marker_size - frame.size() - 2, 'a'));  // "$0" to "$NNN"
  const std::uint64_t first = log.size();
  ASSERT_EQ(first + marker_size, 1024U);
  log.set("b", "2");
  std::string bytes = log.bytes();
  bytes.replace(first, marker_size, std::string(marker_size, '\0'));
  const opened file(bytes);
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
  const opened file(bytes);
  ASSERT_TRUE(file.is_refused());
  EXPECT_EQ(file.found.damage->code, errc::corrupt);
  EXPECT_EQ(file.found.damage->offset, first);
  EXPECT_EQ(file.found.synced, log.ends()[1]);
  EXPECT_THAT(file.found.damage->reason, HasSubstr(path));
  EXPECT_THAT(file.found.damage->reason, HasSubstr("offset " + std::to_string(first)));
  EXPECT_EQ(file.disk.paths(), std::vector{path});
}

TEST(recovery, is_vouched_for_by_a_seal) {
  log_builder log;
  log.set("a", "1").set("b", "2").synced().seal();
  std::string bytes = log.bytes();
  bytes[marker_size + 20] ^= 1;
  EXPECT_TRUE(opened(bytes).is_refused());
}

TEST(recovery, cuts_the_same_damage_when_nothing_vouches_for_it) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  log.set("b", "2").set("c", "3");
  std::string bytes = log.bytes();
  bytes[first + marker_size + 20] ^= 1;
  const opened file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
}

TEST(recovery, goes_back_to_the_last_batch_when_a_number_is_missing) {
  log_builder log;
  log.set("a", "1");
  const std::uint64_t first = log.size();
  // What a lost marker leaves of its batch.
  log.raw(set("b", "2")).skip_number().set("c", "3");
  const opened file(log.bytes());
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, first);
  EXPECT_EQ(file.found.commands, 1U);
  EXPECT_EQ(file.items(), items({{"a", "1"}}));
  EXPECT_THAT(file.found.damage->reason, HasSubstr("batch 3 stands where batch 2 should"));
}

TEST(recovery, hears_a_marker_behind_any_damage) {
  log_builder log;
  log.set("a", "1").set("b", std::string(3'000'000, 'b')).synced().set("c", "3");
  std::string bytes = log.bytes();
  bytes[70] ^= 1;
  EXPECT_TRUE(opened(bytes).is_refused());
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
  const opened file(bytes);
  EXPECT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.synced, log.ends()[0]);
}

TEST(recovery, refuses_to_cut_what_another_program_appended_to_a_torn_batch) {
  log_builder log;
  log.set("a", "1").batch([](std::string& out) {
    append_set(out, "b", "2");
    append_set(out, "c", std::string(50, 'c'));
  });
  // The original cuts the torn command and goes on in its place.
  std::string bytes = log.bytes().substr(0, log.ends()[0] + marker_size + set("b", "2").size());
  for (int i = 0; i < 5; ++i)
    bytes += set("foreign", std::to_string(i));
  const opened file(bytes);
  ASSERT_TRUE(file.is_refused());
  EXPECT_EQ(file.found.damage->offset, log.ends()[0]);
  EXPECT_THAT(file.found.damage->reason, HasSubstr("Another program"));
}

TEST(recovery, takes_no_later_batch_for_a_foreign_append) {
  log_builder log;
  log.set("a", "1").set("b", "2").set("c", "3").set("d", "4");
  std::string bytes = log.bytes();
  bytes[log.ends()[1] - 3] = '?';  // the value of b; its commands still parse
  const opened file(bytes);
  ASSERT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, log.ends()[0]);
}

TEST(recovery, accepts_what_another_program_appended_to_whole_batches) {
  log_builder log;
  log.set("a", "1").raw(set("b", "2")).raw("*0\r\n");
  const opened file(log.bytes());
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.items(), items({{"a", "1"}, {"b", "2"}}));
}

TEST(recovery, keeps_the_originals_rule_without_markers) {
  const std::string whole = set("a", "1");
  const opened torn(whole + set("b", "2").substr(0, 20));
  EXPECT_TRUE(torn.is_cut());
  EXPECT_EQ(torn.found.good_end, whole.size());

  const opened damaged(whole + "garbage" + set("b", "2"));
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_EQ(damaged.found.damage->code, errc::corrupt);
  EXPECT_EQ(damaged.found.damage->offset, whole.size());
}

TEST(recovery, says_that_a_file_is_no_database) {
  for (const std::string& bytes :
       {"hello"s, "\0\0\0hello"s, "<html>"s, "*2\r\n$3\r\nget\r\n$1\r\na\r\n"s, "*-1\r\n"s}) {
    const opened file(bytes);
    ASSERT_TRUE(file.is_refused()) << bytes;
    EXPECT_EQ(file.found.damage->code, errc::not_a_database);
    EXPECT_THAT(file.found.damage->reason, HasSubstr(path + " is not a database"));
    EXPECT_EQ(file.found.good_end, 0U);
  }
}

TEST(recovery, refuses_a_value_under_a_reserved_key) {
  const opened file(set("a", "1") + set("\0bunt:mine"s, "1"));
  ASSERT_TRUE(file.is_refused());
  EXPECT_THAT(file.found.damage->reason, HasSubstr("reserved key"));
}

TEST(recovery, takes_a_reserved_del_of_a_markers_length_for_a_damaged_marker) {
  std::string marker_like;
  append_del(marker_like, "\0bunt:"s + std::string(37, 'x'));
  EXPECT_TRUE(opened(set("a", "1") + marker_like).is_refused());
  std::string other;
  append_del(other, "\0bunt:"s + std::string(36, 'x'));
  EXPECT_FALSE(opened(set("a", "1") + other).found.damage);
}

TEST(recovery, allows_no_nothing_command_in_a_batch) {
  log_builder log;
  log.set("a", "1").batch([](std::string& out) { out += "*0\r\n"; });
  const opened file(log.bytes());
  EXPECT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, log.ends()[0]);
}

TEST(recovery, allows_no_nuls_and_no_marker_in_a_batch) {
  log_builder nuls;
  nuls.batch([](std::string& out) { out += set("a", "1") + '\0' + set("b", "2"); });
  EXPECT_TRUE(opened(nuls.bytes()).is_cut());

  log_builder nested;
  nested.batch([](std::string& out) {
    append_set(out, "a", "1");
    append_seal(out, {.at = out.size(), .number = 2});
  });
  EXPECT_TRUE(opened(nested.bytes()).is_cut());
}

TEST(recovery, counts_relative_expiries_from_the_time_of_modification) {
  const auto relative = [](const std::string& seconds) {
    return "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$" +
           std::to_string(seconds.size()) + "\r\n" + seconds + "\r\n";
  };
  const opened file(relative("100"));
  EXPECT_TRUE(file.found.has_relative_expiries);
  EXPECT_EQ(file.found.modified, written_at);
  EXPECT_EQ(file.items().at("a").ends, 1'000'000'100);
  EXPECT_EQ(opened(relative("9223372036854775807")).items().at("a").ends, INT64_MAX);
  EXPECT_EQ(opened(relative("-9223372036854775808")).items().at("a").ends,
            INT64_MIN + 1'000'000'000);
}

TEST(recovery, reports_nuls_at_the_end_and_cuts_them_on_request) {
  log_builder log;
  log.set("a", "1");
  opened file(log.bytes() + std::string(4096, '\0'));
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.found.good_end, log.size());
  EXPECT_EQ(file.found.nul_tail, 4096U);
  cut_nul_tail(*file.file, file.found);
  EXPECT_EQ(file.disk.synced_content(path), log.bytes());
  EXPECT_EQ(file.file->status().modified, written_at);
}

TEST(recovery, leaves_a_file_without_nuls_at_the_end_alone) {
  opened file(set("a", "1"));
  file.disk.forget_calls();
  cut_nul_tail(*file.file, file.found);
  EXPECT_TRUE(file.disk.calls().empty());
}

TEST(cut, keeps_what_it_cuts) {
  log_builder log;
  log.set("a", "1");
  const std::string torn = "*2\r\n$3\r\nde";
  opened file(log.bytes() + torn);
  file.disk.forget_calls();
  const cut_result result = cut(file.disk, *file.file, file.found);
  EXPECT_EQ(result.kept_in, path + ".cut-" + std::to_string(log.size()));
  EXPECT_EQ(result.bytes, torn.size());
  EXPECT_EQ(file.file->status().modified, written_at);
  EXPECT_EQ(file.disk.status(result.kept_in)->mode, 0600U);

  // All of it survives a power cut right behind.
  const auto later = file.disk.after_power_cut(memory_file_system::unsynced_data::dropped);
  EXPECT_EQ(later->content(path), log.bytes());
  EXPECT_EQ(later->content(result.kept_in), torn);
}

TEST(cut, has_the_copy_on_disk_before_it_cuts) {
  log_builder log;
  log.set("a", "1");
  const std::string torn = "*2\r\n$3\r\nde";
  // However many calls of it succeed, the disk has the torn bytes somewhere.
  for (std::uint64_t nth = 1; nth < 20; ++nth) {
    opened file(log.bytes() + torn);
    file.disk.fail_nth(nth, EIO);
    try {
      cut(file.disk, *file.file, file.found);
    } catch (const error& problem) {
      EXPECT_EQ(problem.code(), std::errc::io_error);
    }
    for (const auto what :
         {memory_file_system::unsynced_data::dropped, memory_file_system::unsynced_data::kept}) {
      const auto later = file.disk.after_power_cut(what);
      const std::string kept = path + ".cut-" + std::to_string(log.size());
      const auto names = later->paths();
      const bool has_copy = std::find(names.begin(), names.end(), kept) != names.end();
      EXPECT_TRUE(later->content(path) == log.bytes() + torn ||
                  (has_copy && later->content(kept) == torn))
          << nth;
    }
  }
}

TEST(cut, takes_another_name_when_one_is_taken) {
  log_builder log;
  log.set("a", "1");
  opened file(log.bytes() + "*2\r\n");
  const std::string name = path + ".cut-" + std::to_string(log.size());
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
  opened file(bytes);
  file.disk.set_capacity(bytes.size() + 3);
  try {
    cut(file.disk, *file.file, file.found);
    FAIL();
  } catch (const error& problem) {
    EXPECT_EQ(problem.code(), std::errc::no_space_on_device);
  }
  EXPECT_EQ(file.disk.content(path), bytes);
  EXPECT_THAT(file.disk.paths(), ElementsAre(path));
}

TEST(cut, copies_through_short_writes) {
  log_builder log;
  log.set("a", "1");
  opened file(log.bytes() + "*2\r\n$3\r\nde");
  file.disk.limit_writes(1);
  const cut_result result = cut(file.disk, *file.file, file.found);
  EXPECT_EQ(file.disk.content(result.kept_in), "*2\r\n$3\r\nde");
}

// Bytes that are made to hurt.

TEST(hostile, lengths_cost_nothing) {
  for (const std::string& bytes :
       {"*1000000000000000000\r\n"s, "*3\r\n$3\r\nset\r\n$1000000000000000000\r\n"s,
        "*3\r\n$3\r\nset\r\n$1\r\na\r\n$18446744073709551615\r\n"s, "*-1\r\n"s,
        "*3\r\n$3\r\nset\r\n$1\r\na\r\n$-1\r\n"s}) {
    EXPECT_TRUE(opened(bytes).is_refused()) << bytes;
  }
}

TEST(hostile, a_length_that_the_file_does_not_have_allocates_nothing) {
  opened file(set("a", "1") + "*3\r\n$3\r\nset\r\n$1\r\na\r\n$536870912\r\nshort");
  EXPECT_TRUE(file.is_cut());
  for (const testing::io_record& call : file.disk.calls())
    EXPECT_LT(call.size, 1000U);
}

TEST(hostile, a_marker_that_counts_more_than_the_file_has_is_cut) {
  std::string bytes(marker_size, '\0');
  write_marker({.number = 1, .length = marker_field_max, .checksum = 5}, bytes.data());
  bytes += set("a", "1");
  opened file(bytes);
  EXPECT_TRUE(file.is_cut());
  EXPECT_EQ(file.found.good_end, 0U);
}

TEST(hostile, ten_million_nuls_are_read_through_a_small_window) {
  const std::string ten_million(10'000'000, '\0');  // NOLINT(bugprone-string-constructor): meant
  const opened nuls(ten_million);
  EXPECT_FALSE(nuls.found.damage);
  EXPECT_EQ(nuls.found.good_end, 0U);
  EXPECT_EQ(nuls.found.nul_tail, 10'000'000U);
  EXPECT_TRUE(nuls.items().empty());
  for (const testing::io_record& call : nuls.disk.calls())
    EXPECT_LE(call.size, window::usual_size);

  const opened followed(ten_million + set("a", "1"));
  EXPECT_EQ(followed.items(), items({{"a", "1"}}));
}

TEST(hostile, a_million_beginnings_of_markers_are_searched_once) {
  std::string bytes = set("a", "1") + "garbage";
  while (bytes.size() < 8'000'000)
    bytes += format::marker_head;
  const opened file(bytes);
  EXPECT_TRUE(file.is_refused());
  std::uint64_t read = 0;
  for (const testing::io_record& call : file.disk.calls())
    read += call.size;
  EXPECT_LT(read, 3 * bytes.size());
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
  const opened file(log.bytes());
  EXPECT_FALSE(file.found.damage);
  EXPECT_EQ(file.found.commands, 40'004U);
  const auto found = file.items();
  EXPECT_EQ(found.size(), 40'004U);
  EXPECT_EQ(found.at("large").value, large);
  EXPECT_EQ(found.at("raw").value, large);
  EXPECT_EQ(found.at("z").value, "26");
}

TEST(recovery, notices_a_file_that_shrinks_while_it_is_read) {
  opened file(set("a", "1") + set("b", "2"));
  file.file->truncate(40);
  EXPECT_THROW(file.items(), error);
  opened changed(set("a", "1") + set("b", "2"));
  changed.file->write_at(0, std::string("*9"));
  EXPECT_THROW(changed.items(), error);
}

TEST(recovery, passes_on_an_error_of_the_disk) {
  memory_file_system disk;
  disk.put(path, set("a", "1"));
  const auto file = disk.open(path, io::open_mode::read_only);
  disk.fail_nth(1, EIO, io_call::read);
  try {
    inspect(*file);
    FAIL();
  } catch (const error& problem) {
    EXPECT_EQ(problem.code(), std::errc::io_error);
  }
}

// A small file of marked batches, damaged in every way at every byte.

class attack : public ::testing::Test {
 protected:
  attack() {
    const auto grown = [this] { states_.push_back(opened(log_.bytes()).items()); };
    grown();
    log_.set("a", "1"), grown();
    log_.batch([](std::string& out) {
      append_set(out, "b", "2");
      append_set_expiring(out, "c", "3", 4102444800);
    });
    grown();
    log_.synced().batch([](std::string& out) {
      append_del(out, "a");
      append_set(out, "d", "binary \0\r\n$3*"s);
    });
    grown();
    log_.seal(), grown();
    log_.synced().batch([](std::string& out) {
      append_flushdb(out);
      append_set(out, "e", "5");
    });
    grown();
    log_.set("f", std::string(130, 'f')), grown();
    vouched_ = log_.ends()[3];
  }

  /// How many whole batches the first `size` bytes hold.
  std::size_t batches_in(std::uint64_t size) const {
    return static_cast<std::size_t>(std::upper_bound(log_.ends().begin(), log_.ends().end(), size) -
                                    log_.ends().begin());
  }

  /// What is left is just the state after some whole batches, none of them below what a surviving
  /// marker vouches for. (A few bytes of the next batch may be left too, as an empty command or as
  /// part of a marker's own key: "*2" and "*0" are one bit apart.)
  void expect_whole_batches(const opened& file) const {
    ASSERT_GE(file.found.good_end, file.found.synced);
    ASSERT_EQ(file.items(), states_[batches_in(file.found.good_end)]);
  }

  void expect_end_between_batches(const opened& file, std::size_t batches) const {
    ASSERT_EQ(file.found.good_end, batches == 0 ? 0 : log_.ends()[batches - 1]);
    ASSERT_EQ(file.found.next_number, batches + 1);
  }

  log_builder log_;
  std::vector<map_sink::map> states_;  ///< after so many batches
  std::uint64_t vouched_ = 0;          ///< by the last markers
};

TEST_F(attack, cut_at_every_byte_keeps_the_whole_batches) {
  for (std::uint64_t size = 0; size <= log_.size(); ++size) {
    SCOPED_TRACE(size);
    const opened file(std::string_view(log_.bytes()).substr(0, size));
    ASSERT_FALSE(file.is_refused());
    expect_whole_batches(file);
    expect_end_between_batches(file, batches_in(size));
  }
}

TEST_F(attack, nuls_from_every_byte_on_keep_the_whole_batches) {
  for (std::uint64_t size = 0; size < log_.size(); ++size) {
    SCOPED_TRACE(size);
    std::string bytes = log_.bytes();
    std::fill(bytes.begin() + static_cast<long>(size), bytes.end(), '\0');
    const opened file(bytes);
    if (file.is_refused()) {
      // Only the first marker's: nothing else says that this was ever a database of ours.
      ASSERT_LT(size, marker_size);
      continue;
    }
    expect_whole_batches(file);
    expect_end_between_batches(file, batches_in(size));
  }
}

TEST_F(attack, a_flipped_bit_is_found_or_harmless) {
  std::size_t refused = 0;
  std::size_t harmless = 0;
  for (std::uint64_t bit = 0; bit < 8 * log_.size(); ++bit) {
    SCOPED_TRACE(bit);
    std::string bytes = log_.bytes();
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    const opened file(bytes);
    if (!file.found.damage) {
      ASSERT_EQ(file.items(), states_.back());
      ++harmless;
    } else if (file.is_cut()) {
      ASSERT_GE(file.found.good_end, vouched_) << "what was known to be on disk is cut";
      expect_whole_batches(file);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0U);
  EXPECT_LT(harmless, log_.size());
}

TEST_F(attack, a_stretch_of_nuls_is_found_or_harmless) {
  for (std::uint64_t begin = 0; begin < log_.size(); begin += 3) {
    for (const std::uint64_t size : {1U, 7U, 63U, 64U, 200U}) {
      SCOPED_TRACE(std::to_string(begin) + "+" + std::to_string(size));
      if (begin + size >= log_.size()) continue;
      std::string bytes = log_.bytes();
      std::fill_n(bytes.begin() + static_cast<long>(begin), size, '\0');
      const opened file(bytes);
      if (file.found.damage) {
        if (file.is_cut()) expect_whole_batches(file);
      } else {
        ASSERT_EQ(file.items(), states_.back());
      }
    }
  }
}

TEST_F(attack, a_file_that_was_cut_is_whole_after_any_edits) {
  std::mt19937 random(7);
  std::size_t cuts = 0;
  for (int round = 0; round < 2000; ++round) {
    SCOPED_TRACE(round);
    std::string bytes = log_.bytes();
    for (auto edits = 1 + random() % 4; edits > 0 && !bytes.empty(); --edits) {
      const std::size_t at = random() % bytes.size();
      const std::size_t size = random() % 100;
      switch (random() % 5) {
        case 0:
          bytes.erase(at, size);
          break;
        case 1:
          bytes.insert(random() % bytes.size(), bytes.substr(at, size));
          break;
        case 2:
          bytes[at] = static_cast<char>(random());
          break;
        case 3:
          bytes.replace(at, size, size, '\0');
          break;
        default:
          bytes += set("foreign", "value");
      }
    }
    opened file(bytes);
    file.items();
    if (!file.is_cut()) continue;
    ++cuts;
    const map_sink::map before = file.items();
    cut(file.disk, *file.file, file.found);
    const inspection again = inspect(*file.file);
    ASSERT_FALSE(again.damage) << again.damage->reason;
    ASSERT_EQ(again.good_end, file.found.good_end);
    ASSERT_EQ(again.nul_tail, 0U);
    ASSERT_EQ(again.next_number, file.found.next_number);
    ASSERT_EQ(again.commands, file.found.commands);
    map_sink sink;
    replay(*file.file, again, sink);
    ASSERT_EQ(sink.items(), before);
  }
  EXPECT_GT(cuts, 100U);
}

}  // namespace
}  // namespace buntdb::log
