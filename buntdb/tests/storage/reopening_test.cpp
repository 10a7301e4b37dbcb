// How an open treats the file that it finds.
#include <cerrno>
#include <future>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "log/encode.hpp"
#include "log/recovery.hpp"
#include "storage/unfinished_file.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/map_sink.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::contents;
using testing::fake_clock;
using testing::io_call;
using testing::memory_file_system;
using testing::test_database;
using pairs = std::vector<std::pair<std::string, std::string>>;
using unsynced_data = memory_file_system::unsynced_data;

const char* const path = test_database::path;

class reopening : public ::testing::Test {
 protected:
  /// Returns the content of a database opened on this disk.
  pairs reopened(memory_file_system& files) {
    test_database db(files, clock_);
    return contents(*db);
  }

  fake_clock clock_;
  memory_file_system files_;
};

// After a failed sync, the system may keep bytes in memory that it will not write any more. Without
// rewriting them, a process that opens the file again would read them, sync with success, build on
// them, and lose them with everything after them in a power cut.
TEST_F(reopening, an_open_writes_again_what_a_failed_sync_may_have_left_unwritten) {
  {
    test_database db(files_, clock_, sync_policy::always);
    db->set("a", "1");
    files_.fail_nth(1, EIO, io_call::sync);
    EXPECT_EQ(code_of([&] { db->set("b", "2"); }), errc::writes_stopped);
  }
  test_database again(files_, clock_, sync_policy::always);
  again->set("c", "3");
  const pairs expected{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  EXPECT_EQ(contents(*again), expected);
  const auto cut = files_.after_power_cut(unsynced_data::dropped);
  EXPECT_EQ(reopened(*cut), expected);
}

TEST_F(reopening, an_open_of_a_sealed_file_writes_nothing_but_the_seal_again) {
  { test_database(files_, clock_)->set("a", std::string(100'000, 'x')); }
  files_.forget_calls();
  const test_database again(files_, clock_);
  std::size_t written = 0;
  for (const testing::io_record& each : files_.calls())
    written += each.call == io_call::write ? each.size : 0;
  EXPECT_LT(written, 100U);
}

TEST_F(reopening, an_existing_buntdb_file_goes_on_with_marked_batches) {
  std::string original;
  log::append_set(original, "a", "1");
  log::append_set(original, "b", "2");
  log::append_del(original, "a");
  files_.put(path, original + std::string(100, '\0'));
  {
    test_database db(files_, clock_);
    EXPECT_EQ(contents(*db), (pairs{{"b", "2"}}));
    EXPECT_EQ(files_.content(path).size(), original.size() + 100);  // unchanged until it is written
    db->set("c", "3");
  }
  EXPECT_EQ(files_.content(path).substr(0, original.size() + 4), original + "*2\r\n");
  EXPECT_EQ(reopened(files_), (pairs{{"b", "2"}, {"c", "3"}}));
}

TEST_F(reopening, a_file_with_relative_expiries_is_rewritten_before_it_is_appended_to) {
  const std::string original =
      "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n60\r\n"
      "*3\r\n$3\r\nset\r\n$1\r\nb\r\n$1\r\n2\r\n";
  files_.set_clock(clock_);
  files_.put(path, original, clock_.now());
  clock_.advance(20s);
  {
    test_database db(files_, clock_);
    EXPECT_EQ(db->begin_read().ttl("a"), 40s);
    EXPECT_EQ(files_.content(path), original);
    db->set("c", "3");
    db->set("d", "4");
  }
  EXPECT_EQ(files_.paths(), std::vector<std::string>{path});  // no leftover
  clock_.advance(20s);
  test_database db(files_, clock_);
  EXPECT_EQ(db->begin_read().ttl("a"), 20s);  // the appends have not lengthened it
  EXPECT_EQ(contents(*db), (pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}));
}

TEST_F(reopening, a_rewrite_that_fails_leaves_the_old_file) {
  const std::string original = "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n60\r\n";
  files_.put(path, original, clock_.now());
  for (const io_call call : {io_call::open, io_call::write, io_call::sync, io_call::rename}) {
    test_database db(files_, clock_);
    files_.fail_nth(1, EIO, call);
    EXPECT_EQ(code_of([&] { db->set("c", "3"); }), std::errc::io_error);
    EXPECT_EQ(files_.content(path), original);
    EXPECT_EQ(files_.paths(), std::vector<std::string>{path});
    EXPECT_EQ(db->get("a"), "1");
  }
}

TEST_F(reopening, leftovers_of_a_compaction_are_removed_and_never_loaded) {
  std::string other;
  log::append_set(other, "x", "from the leftover");
  engine::create_unfinished(files_, path, engine::compaction_infix)->write_at(0, other);
  test_database db(files_, clock_);
  EXPECT_EQ(contents(*db), pairs{});
  EXPECT_EQ(files_.paths(), std::vector<std::string>{path});
}

TEST_F(reopening, damage_below_a_seal_is_refused_and_the_file_left_alone) {
  {
    test_database db(files_, clock_);
    db->set("a", "1");
    db->set("b", "2");
  }
  std::string content = files_.content(path);
  content[100] = static_cast<char>(content[100] ^ 4);
  files_.put(path, content);
  EXPECT_EQ(code_of([&] { test_database db(files_, clock_); }), errc::corrupt);
  EXPECT_EQ(files_.content(path), content);
}

TEST_F(reopening, what_was_read_before_damage_showed_does_not_count) {
  // Another program's commands look good until the next marker shows that a batch is missing.
  std::string foreign;
  log::append_set(foreign, "a", "never");
  log::append_del(foreign, "b");
  log::append_set(foreign, "c", "never");
  testing::log_builder file;
  file.set("a", "1").set("b", "2").raw(foreign).skip_number().set("d", "never");
  files_.put(path, file.bytes());
  test_database db(files_, clock_);
  EXPECT_EQ(contents(*db), (pairs{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(db->stats().items, 2U);
  EXPECT_EQ(db->stats().recovered_bytes, file.size() - file.ends()[1]);
}

TEST_F(reopening, a_torn_file_holds_what_its_good_part_says_in_whatever_order) {
  // Overwritten, erased, cleared, expired, unsorted, and a batch of several: cut at every byte.
  testing::log_builder file;
  std::vector<pairs> states{{}};
  const auto then = [&](const auto& commands, pairs state) {
    file.batch(commands);
    states.push_back(std::move(state));
  };
  const std::int64_t now = clock_.now().time_since_epoch() / 1s;
  then([](std::string& out) { log::append_set(out, "m", "1"); }, {{"m", "1"}});
  then(
      [](std::string& out) {
        log::append_set(out, "z", "1");
        log::append_set(out, "c", "1");
        log::append_del(out, "m");
      },
      {{"c", "1"}, {"z", "1"}});
  then([](std::string& out) { log::append_flushdb(out); }, {});
  then(
      [&](std::string& out) {
        log::append_set(out, "k", "1");
        log::append_set_expiring(out, "a", "1", now - 1);
        log::append_set_expiring(out, "b", "1", now + 60);
      },
      {{"b", "1"}, {"k", "1"}});
  then(
      [](std::string& out) {
        log::append_set(out, "b", "2");
        log::append_set(out, "a", "2");
        log::append_del(out, "k");
      },
      {{"a", "2"}, {"b", "2"}});
  std::size_t whole = 0;
  for (std::size_t size = 0; size <= file.size(); ++size) {
    if (whole < file.ends().size() && size == file.ends()[whole]) ++whole;
    memory_file_system torn;
    torn.put(path, file.bytes().substr(0, size));
    test_database db(torn, clock_);
    EXPECT_EQ(contents(*db), states[whole]) << "cut at " << size;
    db.sweep();
    EXPECT_EQ(db->stats().items, states[whole].size()) << "cut at " << size;
  }
  EXPECT_EQ(whole, file.ends().size());
}

TEST_F(reopening, a_file_that_is_cut_while_it_is_opened_is_refused) {
  testing::log_builder file;
  file.set("a", "1").set("b", std::string(1000, 'x'));
  files_.put(path, file.bytes());
  // After the inspection has found everything good, the part for which no marker vouches is read
  // once more.
  bool cut = false;
  std::uint64_t reads = 0;
  files_.watch([&](const testing::io_record& call) {
    if (call.call != io_call::read || call.path != path || ++reads != 2 || cut) return;
    cut = true;
    files_.open(path, io::open_mode::read_write)->truncate(file.ends()[0]);
  });
  EXPECT_EQ(code_of([&] { test_database db(files_, clock_); }), errc::corrupt);
  EXPECT_TRUE(cut);
}

TEST_F(reopening, lives_are_not_counted_from_a_time_of_modification_that_is_still_to_come) {
  files_.set_clock(clock_);
  files_.put(path,
             "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n60\r\n"
             "*3\r\n$3\r\nset\r\n$1\r\nb\r\n$1\r\n2\r\n",
             clock_.now() + 1h);
  test_database db(files_, clock_);
  EXPECT_EQ(db->begin_read().ttl("a"), 60s);
  EXPECT_EQ(contents(*db), (pairs{{"a", "1"}, {"b", "2"}}));
}

TEST_F(reopening, a_file_whose_torn_end_was_cut_takes_new_commits) {
  std::unique_ptr<memory_file_system> disk;
  {
    test_database db(files_, clock_, sync_policy::never);
    db->set("a", "1");
    db->sync();
    db->set("b", std::string(5000, 'b'));
    disk = files_.after_power_cut(unsynced_data::kept, [](const std::string&, std::size_t,
                                                          std::uint64_t s) { return s < 4; });
  }
  {
    test_database db(*disk, clock_);
    EXPECT_NE(db->stats().recovered_bytes, 0U);
    EXPECT_EQ(contents(*db), (pairs{{"a", "1"}}));
    db->set("c", "3");
  }
  EXPECT_EQ(reopened(*disk), (pairs{{"a", "1"}, {"c", "3"}}));
}

TEST_F(reopening, the_second_opener_is_turned_away_until_the_first_has_closed) {
  {
    test_database db(files_, clock_);
    EXPECT_EQ(code_of([&] { test_database second(files_, clock_); }), errc::locked);
    db->set("a", "1");
  }
  EXPECT_EQ(reopened(files_), (pairs{{"a", "1"}}));
}

}  // namespace
}  // namespace buntdb
