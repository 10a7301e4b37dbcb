#include "log/salvage.hpp"

#include <cerrno>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/batch.hpp"
#include "log/marker.hpp"
#include "log/recovery.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"
#include "support/memory_file_system.hpp"

namespace buntdb::log {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using testing::code_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::io_call;
using ::testing::IsEmpty;
using testing::log_builder;
using testing::map_sink;
using testing::memory_file_system;

constexpr time_point written_at{1'000'000'000s + 700ms};

std::string set_command(const std::string& key, const std::string& value) {
  std::string out;
  append_set(out, key, value);
  return out;
}

struct salvaged {
  explicit salvaged(std::string_view bytes) {
    disk.put("app.db", bytes, written_at);
    const auto file = disk.open("app.db", io::open_mode::read_only);
    found = inspect(*file);
    plan = plan_salvage(*file);
    replay(*file, plan, sink);
  }

  /// Returns "key=value" for each item.
  std::vector<std::string> items() const {
    std::vector<std::string> out;
    for (const auto& [key, item] : sink.items())
      out.push_back(key + "=" + item.value);
    return out;
  }
  std::vector<piece_kind> kinds() const {
    std::vector<piece_kind> out;
    for (const piece& each : plan.pieces)
      out.push_back(each.kind);
    return out;
  }
  bool is_refused() const {
    return found.damage && found.damage->verdict == damage_verdict::refuse;
  }

  memory_file_system disk;
  inspection found;
  salvage_plan plan;
  map_sink sink;
};

/// Returns the bytes with the one at `offset` changed.
std::string flipped(std::string bytes, std::uint64_t offset) {
  bytes[offset] = static_cast<char>(bytes[offset] ^ 0x10);
  return bytes;
}

class salvage_test : public ::testing::Test {
 protected:
  salvage_test() {
    log_.seal().synced();
    log_.set("a", "1").set("b", "2").set("c", "3").synced().set("d", "4").seal();
  }

  log_builder log_;
};

TEST_F(salvage_test, keeps_all_of_a_good_file) {
  const salvaged whole(log_.bytes());
  EXPECT_THAT(whole.items(), ElementsAre("a=1", "b=2", "c=3", "d=4"));
  EXPECT_THAT(whole.kinds(), ElementsAre(piece_kind::batches));
  EXPECT_EQ(whole.plan.batches(), 4U);
  EXPECT_EQ(whole.plan.kept_commands(), 4U);
  EXPECT_EQ(whole.plan.first_damage(), log_.size());
  EXPECT_THAT(whole.plan.missing, IsEmpty());
}

TEST_F(salvage_test, leaves_out_just_the_batch_whose_checksum_does_not_fit) {
  const std::uint64_t begin = log_.ends()[1];  // of the batch that sets b
  const salvaged damaged(flipped(log_.bytes(), begin + marker_size + 20));
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_THAT(damaged.items(), ElementsAre("a=1", "c=3", "d=4"));
  ASSERT_THAT(damaged.kinds(),
              ElementsAre(piece_kind::batches, piece_kind::lost, piece_kind::batches));
  const piece& lost = damaged.plan.pieces[1];
  EXPECT_EQ(lost.offset, begin);
  EXPECT_EQ(lost.size, log_.ends()[2] - begin);
  EXPECT_EQ(lost.why, "the checksum of batch 3 does not fit it");
  EXPECT_EQ(damaged.plan.first_damage(), begin);
  ASSERT_EQ(damaged.plan.missing.size(), 1U);
  EXPECT_EQ(damaged.plan.missing[0].first, 3U);
  EXPECT_EQ(damaged.plan.missing[0].last, 3U);
}

TEST_F(salvage_test, keeps_what_a_damaged_marker_stands_before_and_says_that_it_is_doubtful) {
  const std::uint64_t begin = log_.ends()[1];
  // Any of its bytes: its key, so that it is still a del, or the command itself.
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{30},
                                 std::uint64_t{60}, marker_size - 1}) {
    const salvaged damaged(flipped(log_.bytes(), begin + at));
    EXPECT_TRUE(damaged.is_refused());
    EXPECT_THAT(damaged.items(), ElementsAre("a=1", "b=2", "c=3", "d=4"));
    ASSERT_THAT(damaged.kinds(), ElementsAre(piece_kind::batches, piece_kind::lost,
                                             piece_kind::doubtful, piece_kind::batches));
    EXPECT_EQ(damaged.plan.pieces[1].size, marker_size);
    EXPECT_EQ(damaged.plan.pieces[2].commands, 1U);
  }
}

TEST_F(salvage_test, keeps_nothing_that_only_looks_like_commands_inside_damage) {
  log_builder log;
  log.seal().synced().set("a", "1");
  const std::uint64_t begin = log.size();
  log.set("b", "text " + set_command("evil", "1") + set_command("evil", "2"));
  log.synced().set("c", "3");
  // Everything up to the evil commands is gone: marker, set, key.
  std::string bytes = log.bytes();
  const std::size_t evil = bytes.find(set_command("evil", "1"));
  bytes.replace(begin, evil - begin, std::string(evil - begin, '\0'));
  const salvaged damaged(bytes);
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_THAT(damaged.items(), ElementsAre("a=1", "c=3"));
}

TEST_F(salvage_test, goes_on_behind_a_stretch_of_nuls) {
  std::string bytes = log_.bytes();
  const std::uint64_t begin = log_.ends()[0] + 10;
  const std::uint64_t end = log_.ends()[2] - 10;
  bytes.replace(begin, end - begin, std::string(end - begin, '\0'));
  const salvaged damaged(bytes);
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_THAT(damaged.items(), ElementsAre("c=3", "d=4"));
  EXPECT_EQ(damaged.plan.missing[0].first, 2U);
  EXPECT_EQ(damaged.plan.missing[0].last, 3U);
  EXPECT_EQ(damaged.plan.bytes(piece_kind::lost), log_.ends()[2] - log_.ends()[0]);
}

TEST_F(salvage_test, keeps_what_another_program_appended_to_a_torn_batch) {
  log_.batch([](std::string& out) {
    append_set(out, "e", "5");
    append_set(out, "f", std::string(100, 'f'));
  });
  // BuntDB cut the torn command off and appended more.
  const std::string kept =
      log_.bytes().substr(0, log_.bytes().find(set_command("f", std::string(100, 'f'))));
  std::string foreign;
  for (int i = 0; i < 8; ++i)
    append_set(foreign, "g", std::to_string(i));
  append_del(foreign, "a");
  const salvaged damaged(kept + foreign);
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_THAT(damaged.items(), ElementsAre("b=2", "c=3", "d=4", "e=5", "g=7"));
  EXPECT_THAT(damaged.kinds(),
              ElementsAre(piece_kind::batches, piece_kind::lost, piece_kind::doubtful));
  EXPECT_EQ(damaged.plan.commands(piece_kind::doubtful), 10U);
}

TEST_F(salvage_test, loses_a_damaged_batch_and_keeps_what_another_program_appended_to_the_file) {
  const std::uint64_t last = log_.ends()[3];
  std::string bytes = log_.bytes().substr(0, log_.ends()[4]);
  bytes = flipped(bytes, last + marker_size + 24) + set_command("x", "9") + set_command("y", "9");
  const salvaged damaged(bytes);
  EXPECT_TRUE(damaged.found.damage.has_value());
  EXPECT_THAT(damaged.items(), ElementsAre("a=1", "b=2", "c=3", "x=9", "y=9"));
}

TEST_F(salvage_test, keeps_the_commands_around_garbage_in_a_file_without_markers) {
  const std::string bytes = set_command("a", "1") + "garbage *3\r\n$3\r\nset\r\n$1\r\n\r\n" +
                            set_command("b", "2") + set_command("c", "3") +
                            "*2\r\n$3\r\ndel\r\n$1\r\na\r\n" + "more garbage" +
                            set_command("d", "4") + "*3\r\n$3\r\nset\r\n$1";
  const salvaged damaged(bytes);
  EXPECT_TRUE(damaged.is_refused());
  EXPECT_THAT(damaged.items(), ElementsAre("b=2", "c=3", "d=4"));
  EXPECT_EQ(damaged.plan.bytes(piece_kind::lost) + damaged.plan.bytes(piece_kind::commands) +
                damaged.plan.bytes(piece_kind::doubtful),
            bytes.size());
}

TEST_F(salvage_test, takes_relative_expiries_from_the_time_of_modification) {
  const std::string bytes =
      "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n60\r\n!" + set_command("b", "2");
  const salvaged damaged(bytes);
  EXPECT_EQ(damaged.sink.items().at("a").ends, 1'000'000'060);
}

TEST_F(salvage_test, finds_nothing_in_what_is_no_database) {
  const salvaged text("This is a letter, and no database.\n* With a list.\n");
  EXPECT_EQ(text.plan.kept_commands(), 0U);
  EXPECT_EQ(salvaged("").plan.pieces.size(), 0U);
  EXPECT_EQ(salvaged(std::string(100, '\0')).plan.kept_commands(), 0U);
}

TEST_F(salvage_test, tells_of_an_error_of_the_disk) {
  memory_file_system disk;
  disk.put("app.db", log_.bytes());
  const auto file = disk.open("app.db", io::open_mode::read_only);
  disk.fail_nth(1, EIO, io_call::read);
  EXPECT_EQ(code_of([&] { plan_salvage(*file); }), std::errc::io_error);
}

TEST(salvage_hostile, is_linear_in_a_file_of_beginnings) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i)
    bytes += "*3\r\n$3\r\nset\r\n$9999\r\nx";
  bytes += "x";
  const salvaged damaged(bytes);
  EXPECT_TRUE(damaged.is_refused());
}

// Whatever is damaged, and wherever: the pieces cover the file, and no item has a value that was
// never written under its key.
TEST(salvage_attack, never_makes_up_a_value_and_keeps_every_batch_that_is_whole) {
  std::mt19937 random(1);
  for (int round = 0; round < 400; ++round) {
    log_builder log;
    log.seal().synced();
    std::vector<std::string> keys;
    for (int i = 0; i < 12; ++i) {
      const std::string key = "key" + std::to_string(i);
      // A value may contain commands.
      log.set(key, key + (random() % 3 == 0 ? set_command("evil", "e") : "") +
                       std::string(random() % 50, 'v'));
      keys.push_back(key);
    }
    log.synced().seal();
    std::string bytes = log.bytes();
    const std::size_t begin = random() % bytes.size();
    const std::size_t end = std::min<std::size_t>(bytes.size(), begin + 1 + random() % 200);
    for (std::size_t i = begin; i < end; ++i) {
      bytes[i] = round % 2 == 0 ? '\0' : static_cast<char>(random());
    }
    const salvaged damaged(bytes);
    SCOPED_TRACE(round);
    std::uint64_t at = 0;
    for (const piece& each : damaged.plan.pieces) {
      ASSERT_EQ(each.offset, at);
      ASSERT_GT(each.size, 0U);
      at += each.size;
    }
    ASSERT_EQ(at, bytes.size());
    ASSERT_EQ(damaged.sink.items().count("evil"), 0U);
    for (const auto& [key, item] : damaged.sink.items())
      ASSERT_TRUE(item.value.starts_with(key)) << key;
    for (std::size_t i = 0; i < keys.size(); ++i) {  // batch i + 2 is [ends[i], ends[i + 1])
      const bool is_whole = log.ends()[i + 1] <= begin || log.ends()[i] >= end;
      if (is_whole) {
        ASSERT_EQ(damaged.sink.items().count(keys[i]), 1U) << keys[i];
      }
    }
  }
}

TEST(salvage, keeps_no_batch_of_another_file) {
  log_builder ours;
  ours.of_file(new_file_id()).set("a", "1").set("b", "1");
  log_builder older;
  older.of_file(new_file_id()).set("a", "0").set("b", "0").set("c", "0");
  const salvaged file(ours.bytes() + older.bytes().substr(ours.size()));
  EXPECT_THAT(file.items(), ElementsAre("a=1", "b=1"));
}

/// Returns a marker whose own checksum is correct, but which claims `length` bytes that are not its
/// batch.
std::string false_marker(std::uint64_t at, std::uint64_t number, std::uint64_t length) {
  std::string out(marker_size, '\0');
  write_marker({.at = at, .number = number, .length = length, .synced = 0, .checksum = 1},
               out.data());
  return out;
}

TEST(salvage, keeps_a_batch_inside_of_seven_that_are_none_and_not_inside_of_eight) {
  for (const int around : {1, 7, 8}) {
    std::string bytes;
    for (int i = 1; i <= around; ++i)
      bytes += false_marker(bytes.size(), static_cast<std::uint64_t>(i), 1000);
    const std::size_t begin = begin_batch(bytes);
    bytes += set_command("a", "1");
    finish_batch(bytes, begin, {.at = begin, .number = 100, .synced = 0});
    bytes += std::string(2000, 'x');
    const std::size_t last = begin_batch(bytes);  // where none of them reaches
    bytes += set_command("b", "2");
    finish_batch(bytes, last, {.at = last, .number = 101, .synced = 0});
    const salvaged file(bytes);
    if (around < 8) {
      EXPECT_THAT(file.items(), ElementsAre("a=1", "b=2"));
    } else {
      EXPECT_THAT(file.items(), ElementsAre("b=2"));
    }
  }
}

}  // namespace
}  // namespace buntdb::log
