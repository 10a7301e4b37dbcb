// Leftovers that a crash leaves of files that were to be renamed, and files that only look like
// them.
#include "storage/unfinished_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <buntdb/database.hpp>

#include "support/code_of.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb::engine {
namespace {

using buntdb::testing::code_of;
using buntdb::testing::fake_clock;
using buntdb::testing::io_call;
using buntdb::testing::memory_file_system;
using buntdb::testing::test_database;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::string path = test_database::path;

/// Leaves what a crash during the writing of such a file would leave. Returns its name.
std::string leave(io::file_system& files, const std::string& target, std::string_view infix,
                  const std::string& content = "half") {
  const auto file = create_unfinished(files, target, infix);
  file->write_at(0, content);
  return file->path();
}

class unfinished_files : public ::testing::Test {
 protected:
  void open_once() { test_database db(files_, clock_); }

  fake_clock clock_;
  memory_file_system files_;
};

TEST_F(unfinished_files, of_compactions_and_saves_are_removed_by_the_next_open) {
  leave(files_, path, compaction_infix);
  leave(files_, path, compaction_infix, "");
  leave(files_, path, save_infix);
  open_once();
  EXPECT_THAT(files_.paths(), ElementsAre(path));
}

TEST_F(unfinished_files, are_removed_after_a_power_cut_too) {
  open_once();
  leave(files_, path, compaction_infix);
  for (const auto what :
       {memory_file_system::unsynced_data::kept, memory_file_system::unsynced_data::dropped}) {
    const auto cut = files_.after_power_cut(what);
    test_database db(*cut, clock_);
    EXPECT_THAT(cut->paths(), ElementsAre(path));
  }
}

TEST_F(unfinished_files, are_not_what_somebody_has_named_so) {
  const std::string backup = path + ".compact-backup";
  const std::string copy = path + ".compact-abc123";
  const std::string longer = leave(files_, path, save_infix) + ".old";
  files_.put(backup, "precious");
  files_.put(copy, "");
  files_.put(longer, "precious");
  files_.open(copy, io::open_mode::read_write)->set_access(0644, 0, 0);  // as touch makes it
  open_once();
  EXPECT_THAT(files_.paths(), UnorderedElementsAre(path, backup, copy, longer));
}

TEST_F(unfinished_files, stay_while_somebody_has_them_locked) {
  const auto writing = create_unfinished(files_, path, compaction_infix);
  open_once();
  EXPECT_THAT(files_.paths(), UnorderedElementsAre(path, writing->path()));
}

TEST_F(unfinished_files, stay_where_they_cannot_be_removed_and_the_open_goes_on) {
  for (const io_call call : {io_call::list, io_call::remove}) {
    const std::string left = leave(files_, path, compaction_infix);
    files_.fail_nth(1, EACCES, call);
    open_once();
    EXPECT_THAT(files_.paths(), UnorderedElementsAre(path, left));
    open_once();
    EXPECT_THAT(files_.paths(), ElementsAre(path));
  }
}

TEST_F(unfinished_files, of_any_save_are_removed_by_the_next_save_in_their_folder) {
  test_database db(files_, clock_);
  leave(files_, "/data/monday.db", save_infix);
  leave(files_, "/data/tuesday.db", save_infix);
  const std::string elsewhere = leave(files_, "/other/monday.db", save_infix);
  db->save("/data/wednesday.db");
  EXPECT_THAT(files_.paths(), UnorderedElementsAre(path, "/data/wednesday.db", elsewhere));
}

TEST_F(unfinished_files, never_take_a_name_that_something_has) {
  // On a disk with as many files, the next one has the same number, and so the same name.
  memory_file_system other;
  other.put("/data/something", "");
  const std::string name = leave(other, path, compaction_infix);
  files_.put(name, "precious");
  const auto made = create_unfinished(files_, path, compaction_infix);
  EXPECT_NE(made->path(), name);
  EXPECT_EQ(files_.content(name), "precious");
  EXPECT_THAT(files_.paths(), UnorderedElementsAre(name, made->path()));
}

/// On a real file system.
class real_unfinished_files : public ::testing::Test {
 protected:
  void open_once() { database::open(path_); }

  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
  io::file_system& files_ = io::file_system::native();
};

TEST_F(real_unfinished_files, are_removed_and_copies_of_them_are_not) {
  const std::string left = leave(files_, path_, compaction_infix, "what was written");
  const std::string copy = path_ + ".compact-backup";
  std::filesystem::copy_file(left, copy);
  open_once();
  EXPECT_THAT(folder_.names(), UnorderedElementsAre("app.db", "app.db.compact-backup"));
}

TEST_F(real_unfinished_files, are_neither_links_nor_folders_nor_pipes) {
  std::ofstream(folder_.file("empty"));
  std::filesystem::permissions(folder_.file("empty"), std::filesystem::perms::owner_read);
  std::filesystem::create_symlink("empty", path_ + ".compact-aaaaaa");
  std::filesystem::create_directory(path_ + ".compact-bbbbbb");
  ASSERT_EQ(::mkfifo((path_ + ".compact-cccccc").c_str(), 0600), 0);
  open_once();
  EXPECT_EQ(folder_.names().size(), 5U);
}

TEST_F(real_unfinished_files, stay_while_another_descriptor_has_the_lock) {
  const std::string left = leave(files_, path_, save_infix);
  const int held = ::open(left.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(held, LOCK_SH), 0);
  open_once();
  EXPECT_THAT(folder_.names(),
              UnorderedElementsAre("app.db", std::filesystem::path(left).filename().string()));
  ::close(held);
  open_once();
  EXPECT_THAT(folder_.names(), ElementsAre("app.db"));
}

TEST(finished_files, report_what_the_system_says_only_when_a_file_is_closed) {
  const fake_clock clock;
  memory_file_system files;
  test_database db(files, clock);
  db->set("a", "1");
  files.fail_nth(1, EIO, io_call::flush);
  EXPECT_EQ(code_of([&] { db->save("/data/copy.db"); }), std::errc::io_error);
  EXPECT_THAT(files.paths(), ElementsAre(path)) << "what had that name, or nothing, is left";
  files.fail_nth(1, EIO, io_call::flush);
  EXPECT_EQ(code_of([&] { db->compact(); }), std::errc::io_error);
  EXPECT_EQ(db->get("a"), "1");
  files.fail_nth(1, EIO, io_call::flush);
  EXPECT_EQ(code_of([&] { db->close(); }), std::errc::io_error);
}

TEST(exposed_files, are_reported_when_others_may_read_or_write_them) {
  for (const auto& [mode, words] :
       {std::pair{0600U, ""}, std::pair{0660U, ""}, std::pair{0604U, "may read this file"},
        std::pair{0602U, "may write this file"},
        std::pair{0666U, "may read and write this file"}}) {
    const fake_clock clock;
    memory_file_system files;
    { test_database db(files, clock); }
    files.open(path, io::open_mode::read_write)->set_access(mode, 0, 0);
    test_database db(files, clock);
    if (*words == '\0') {
      EXPECT_THAT(db.events(), IsEmpty()) << mode;
      continue;
    }
    ASSERT_EQ(db.events().size(), 1U) << mode;
    EXPECT_EQ(db.events()[0].kind, event_kind::file_exposed);
    EXPECT_THAT(db.events()[0].message, ::testing::HasSubstr(words));
  }
}

}  // namespace
}  // namespace buntdb::engine
