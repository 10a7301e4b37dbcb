// Files that cannot be replaced by a rename: mount points, and files in folders without write
// permission.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include <buntdb/database.hpp>

#include "in_child.hpp"
#include "storage/repair.hpp"
#include "support/code_of.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb::engine {
namespace {

using testing::code_of;
using testing::fake_clock;
using testing::io_call;
using testing::memory_file_system;
using testing::test_database;
using namespace std::chrono_literals;

class unreplaceable_files : public ::testing::Test {
 protected:
  /// Makes a compaction due.
  static void fill(test_database& db) {
    db->change([](settings& to) { to.compaction = {.growth = 1.1, .at_least_bytes = 1}; });
    for (int i = 0; i < 20; ++i)
      db->set("key", std::string(1000, 'v'));
  }

  std::uint64_t images() const {
    const auto calls = files_.calls();
    return static_cast<std::uint64_t>(
        std::count_if(calls.begin(), calls.end(), [](const testing::io_record& each) {
          return each.call == io_call::open && each.path.find(".compact-") != std::string::npos;
        }));
  }

  static std::string relative(const std::string& key, const std::string& seconds) {
    return "*5\r\n$3\r\nset\r\n$" + std::to_string(key.size()) + "\r\n" + key +
           "\r\n$1\r\nv\r\n$2\r\nex\r\n$" + std::to_string(seconds.size()) + "\r\n" + seconds +
           "\r\n";
  }

  fake_clock clock_;
  memory_file_system files_;
};

TEST_F(unreplaceable_files, are_reported_once_when_they_are_opened_and_no_image_is_written) {
  files_.make_mount_points(true);
  test_database db(files_, clock_);
  fill(db);
  for (int i = 0; i < 10; ++i)
    db.engine().compactor().compact_if_due();
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::cannot_compact);
  EXPECT_TRUE(db->stats().compaction_due);
  EXPECT_FALSE(db->stats().can_compact);
  EXPECT_EQ(code_of([&] { db->compact(); }), std::errc::device_or_resource_busy);
  EXPECT_EQ(images(), 0U);
  EXPECT_EQ(db->get("key"), std::string(1000, 'v'));
}

TEST_F(unreplaceable_files, are_compacted_when_they_can_be_replaced_again) {
  files_.make_mount_points(true);
  test_database db(files_, clock_);
  fill(db);
  db.engine().compactor().compact_if_due();
  files_.make_mount_points(false);
  db.engine().compactor().compact_if_due();
  EXPECT_EQ(db->stats().compactions, 1U);
  EXPECT_TRUE(db->stats().can_compact);
}

// If it cannot be foreseen, one dump is written.
TEST_F(unreplaceable_files, are_not_tried_again_after_the_system_has_refused_the_rename) {
  test_database db(files_, clock_);
  fill(db);
  files_.forget_calls();
  // The first rename gives the dump its name, the second one gives it the database's.
  files_.fail_nth(2, EBUSY, io_call::rename);
  for (int i = 0; i < 10; ++i)
    db.engine().compactor().compact_if_due();
  EXPECT_EQ(images(), 1U);
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::compaction_failed);
  EXPECT_FALSE(db->stats().can_compact);
}

TEST_F(unreplaceable_files, of_another_program_take_writes_and_their_relative_times_stay) {
  files_.put(test_database::path, relative("short", "100") + relative("long", "1000"),
             clock_.now());
  files_.make_mount_points(true);
  clock_.advance(200s);
  {
    test_database db(files_, clock_);
    EXPECT_FALSE(db->get("short"));
    db->set("a", "1");
    EXPECT_EQ(images(), 0U);
  }
  clock_.advance(50s);
  {
    test_database db(files_, clock_);
    EXPECT_FALSE(db->get("short")) << "the write has moved the time from which it counted";
    EXPECT_TRUE(db->get("long"));
    EXPECT_EQ(db->get("a"), "1");
    files_.forget_calls();
    db->set("b", "2");
    const auto size = files_.content(test_database::path).size();
    db->set("c", "3");
    EXPECT_LT(files_.content(test_database::path).size() - size, 200U)
        << "it was written anew again";
  }
  clock_.advance(751s);
  test_database db(files_, clock_);
  EXPECT_FALSE(db->get("long"));
  EXPECT_EQ(db->get("c"), "3");
}

// The first write to a file with relative expiries writes a seal for the present content before it
// adds anything.
TEST_F(unreplaceable_files, of_another_program_take_writes_after_one_that_found_no_room) {
  const std::string bytes = relative("long", "1000");
  files_.put(test_database::path, bytes, clock_.now());
  files_.make_mount_points(true);
  {
    test_database db(files_, clock_);
    files_.set_capacity(bytes.size() + 80);
    EXPECT_EQ(code_of([&] { db->set("a", "1"); }), std::errc::no_space_on_device);
    EXPECT_GT(files_.content(test_database::path).size(), bytes.size()) << "the seal had room";
    files_.set_capacity(std::nullopt);
    db->sync();
    db->set("a", "1");
  }
  test_database db(files_, clock_);
  EXPECT_EQ(db->get("a"), "1");
  EXPECT_TRUE(db->get("long"));
}

TEST_F(unreplaceable_files, are_repaired_as_they_are_opened) {
  files_.put(test_database::path,
             "*3\r\n$3\r\nset\r\n$1\r\nb\r\n$1\r\n2\r\n*3\r\n$3\r\nset\r\n$1\r\nc\r\n$9\r\nto",
             clock_.now());
  files_.make_mount_points(true);
  EXPECT_EQ(repair(files_, test_database::path, clock_.now()).result, repair_report::outcome::cut);
  EXPECT_EQ(test_database(files_, clock_)->get("b"), "2");
}

TEST_F(unreplaceable_files, are_compacted_by_themselves_again_after_one_that_was_asked_for) {
  test_database db(files_, clock_);
  fill(db);
  files_.fail_nth(2, EBUSY, io_call::rename);
  db.engine().compactor().compact_if_due();
  ASSERT_FALSE(db->stats().can_compact);
  db->compact();
  EXPECT_TRUE(db->stats().can_compact);
}

TEST_F(unreplaceable_files, that_are_torn_are_cut_in_place) {
  const std::string whole = relative("a", "1000") + "*3\r\n$3\r\nset\r\n$1\r\nb\r\n$1\r\n2\r\n";
  files_.put(test_database::path, whole + "*3\r\n$3\r\nset\r\n$1\r\nc\r\n$9\r\nto", clock_.now());
  files_.make_mount_points(true);
  clock_.advance(10s);
  {
    test_database db(files_, clock_);
    EXPECT_GT(db->stats().recovered_bytes, 0U);
    EXPECT_EQ(db->get("b"), "2");
    db->set("d", "4");
  }
  test_database db(files_, clock_);
  EXPECT_EQ(db->get("d"), "4");
  clock_.advance(991s);
  EXPECT_FALSE(db->get("a"));
}

TEST_F(unreplaceable_files, are_not_the_target_of_a_copy) {
  files_.put("/data/copy.db", "", clock_.now());
  test_database db(files_, clock_);
  files_.make_mount_points(true);
  EXPECT_EQ(code_of([&] { db->save("/data/copy.db"); }), std::errc::device_or_resource_busy);
  db->save("/data/new.db");
}

/// Gives this process its own mounts. Returns false if that is not permitted.
bool may_mount() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

TEST(mounted_file, is_known_for_what_it_is_and_takes_writes) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.file("app.db");
  const std::string outside = folder.file("outside.db");
  std::ofstream(path).close();
  std::ofstream(outside).close();
  const int status = buntstore::testing::in_child([&] {
    if (!may_mount() || ::mount(outside.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0)
      return 77;
    std::string told;
    database db = database::open(path, {.on_event = [&told](const event& each) {
                                   if (each.kind == event_kind::cannot_compact) told = each.message;
                                 }});
    if (told.find(path + " is a mount point") == std::string::npos) return 1;
    if (told.find("Mount its folder") == std::string::npos) return 2;
    db.set("a", "1");
    if (code_of([&] { db.compact(); }) != std::errc::device_or_resource_busy) return 3;
    db.close();
    return folder.names().size() == 2 ? 0 : 4;
  });
  if (status == 77) GTEST_SKIP() << "this process may not mount";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(database::open(outside, {.on_event = ignore_event}).get("a"), "1");
}

}  // namespace
}  // namespace buntdb::engine
