#include "storage/repair.hpp"

#include <cerrno>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/encode.hpp"
#include "log/marker.hpp"
#include "storage/unfinished_file.hpp"
#include "support/code_of.hpp"
#include "support/log_builder.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using engine::repair;
using engine::repair_report;
using testing::code_of;
using testing::contents;
using ::testing::ElementsAre;
using testing::fake_clock;
using testing::io_call;
using testing::log_builder;
using testing::memory_file_system;
using testing::test_database;
using outcome = repair_report::outcome;
using pairs = std::vector<std::pair<std::string, std::string>>;
using unsynced_data = memory_file_system::unsynced_data;

const std::string path = test_database::path;

class repairing : public ::testing::Test {
 protected:
  repairing() {
    log_.seal().synced();
    log_.set("a", "1").set("b", "2").set("c", "3").synced().seal();
  }

  /// Returns the file with a changed byte in the batch that sets b.
  std::string damaged() const {
    std::string bytes = log_.bytes();
    bytes[log_.ends()[1] + log::marker_size + 20] ^= 1;
    return bytes;
  }

  pairs reopened(memory_file_system& files) {
    test_database db(files, clock_);
    EXPECT_EQ(db.events().size(), 0U);
    return contents(*db);
  }

  log_builder log_;
  fake_clock clock_;
  memory_file_system files_;
};

TEST_F(repairing, saves_what_can_be_saved_of_a_file_that_an_open_refuses) {
  files_.put(path, damaged());
  EXPECT_EQ(code_of([&] { test_database db(files_, clock_); }), errc::corrupt);
  const repair_report report = repair(files_, path, clock_.now());
  EXPECT_EQ(report.result, outcome::rebuilt);
  EXPECT_EQ(report.plan.kept_commands(), 2U);
  EXPECT_EQ(report.aside.kept_in, path + ".damaged-" + std::to_string(log_.ends()[1]));
  EXPECT_EQ(files_.content(report.aside.kept_in), damaged().substr(log_.ends()[1]));
  EXPECT_EQ(report.aside.bytes, damaged().size() - log_.ends()[1]);
  EXPECT_EQ(report.size_after, files_.content(path).size());
  EXPECT_EQ(reopened(files_), (pairs{{"a", "1"}, {"c", "3"}}));
  // All of it is on disk.
  EXPECT_EQ(reopened(*files_.after_power_cut(unsynced_data::dropped)),
            (pairs{{"a", "1"}, {"c", "3"}}));
  EXPECT_EQ(repair(files_, path, clock_.now()).result, outcome::nothing_wrong);
  EXPECT_THAT(files_.paths(), ElementsAre(path, report.aside.kept_in));
}

TEST_F(repairing, touches_nothing_where_nothing_is_wrong) {
  files_.put(path, log_.bytes());
  const repair_report report = repair(files_, path, clock_.now());
  EXPECT_EQ(report.result, outcome::nothing_wrong);
  EXPECT_EQ(report.size_after, log_.size());
  EXPECT_EQ(files_.content(path), log_.bytes());
  EXPECT_EQ(files_.count(io_call::write), 0U);
  EXPECT_THAT(files_.paths(), ElementsAre(path));
}

TEST_F(repairing, cuts_a_torn_end_as_an_open_does) {
  const std::string torn = log_.bytes() + "*2\r\n$3\r\ndel\r\n$43\r\n\0bunt";
  files_.put(path, torn);
  const repair_report report = repair(files_, path, clock_.now());
  EXPECT_EQ(report.result, outcome::cut);
  EXPECT_EQ(report.size_after, log_.size());
  EXPECT_EQ(files_.content(path), log_.bytes());
  EXPECT_EQ(files_.content(report.aside.kept_in), torn.substr(log_.size()));
  EXPECT_EQ(reopened(files_).size(), 3U);
}

TEST_F(repairing, writes_a_torn_file_with_relative_expiries_anew_so_that_nothing_lives_longer) {
  const std::string whole = "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n60\r\n";
  files_.set_clock(clock_);
  files_.put(path, whole + "*5\r\n$3\r\nset", clock_.now());
  clock_.advance(20s);
  const repair_report report = repair(files_, path, clock_.now());
  EXPECT_EQ(report.result, outcome::rebuilt);
  EXPECT_EQ(files_.content(report.aside.kept_in), "*5\r\n$3\r\nset");
  test_database db(files_, clock_);
  EXPECT_EQ(db->begin_read().ttl("a"), 40s);
}

TEST_F(repairing, leaves_what_it_can_save_nothing_of_as_it_is) {
  files_.put(path, "This is a letter, and no database.\n");
  EXPECT_EQ(code_of([&] { repair(files_, path, clock_.now()); }), errc::not_a_database);
  EXPECT_EQ(files_.content(path), "This is a letter, and no database.\n");
  EXPECT_THAT(files_.paths(), ElementsAre(path));
  EXPECT_EQ(code_of([&] { repair(files_, "/data/absent", clock_.now()); }),
            std::errc::no_such_file_or_directory);
  EXPECT_THAT(files_.paths(), ElementsAre(path));
}

TEST_F(repairing, needs_the_lock) {
  files_.put(path, log_.bytes());
  test_database db(files_, clock_);
  EXPECT_EQ(code_of([&] { repair(files_, path, clock_.now()); }), errc::locked);
}

TEST_F(repairing, removes_the_leftovers_of_a_compaction_and_nothing_of_the_users) {
  files_.put(path, damaged());
  engine::create_unfinished(files_, path, engine::compaction_infix)
      ->write_at(0, std::string("half"));
  files_.put(path + ".compact-notes1", "the user's");
  repair(files_, path, clock_.now());
  EXPECT_THAT(files_.paths(), ElementsAre(path, path + ".compact-notes1",
                                          path + ".damaged-" + std::to_string(log_.ends()[1])));
}

TEST_F(repairing, saves_values_larger_than_a_batch) {
  const std::string large(std::size_t{3} << 20U, 'x');
  log_builder log;
  log.seal().synced().set("a", large).set("b", "2").set("c", large).synced().seal();
  std::string bytes = log.bytes();
  bytes[log.ends()[1] + log::marker_size + 20] ^= 1;
  files_.put(path, bytes);
  repair(files_, path, clock_.now());
  EXPECT_EQ(reopened(files_), (pairs{{"a", large}, {"c", large}}));
}

// Whatever call fails, and whenever the power is cut: the old file or the new one, never less.
TEST_F(repairing, never_touches_the_original_until_the_new_file_is_on_disk) {
  const std::string before = damaged();
  bool done = false;
  for (std::uint64_t nth = 1; !done; ++nth) {
    memory_file_system files;
    files.put(path, before);
    files.fail_nth(nth, EIO);
    done = code_of([&] { repair(files, path, clock_.now()); }) == std::error_code();
    files.heal();
    const bool installed = files.content(path) != before;
    for (const unsynced_data what : {unsynced_data::dropped, unsynced_data::kept}) {
      const auto cut = files.after_power_cut(what);
      if (cut->content(path) == before) {
        repair(*cut, path, clock_.now());
      } else {
        ASSERT_TRUE(installed);
      }
      ASSERT_EQ(reopened(*cut), (pairs{{"a", "1"}, {"c", "3"}})) << "call " << nth;
    }
    if (!installed) {
      ASSERT_THAT(files.paths(), ElementsAre(path)) << "call " << nth;
    } else {
      ASSERT_EQ(files.paths().size(), 2U);  // with what was kept aside
    }
  }
}

}  // namespace
}  // namespace buntdb
