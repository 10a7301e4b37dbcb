#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/error.hpp>

#include "io/file_system.hpp"
#include "jsonl.hpp"
#include "platform/linux/proc_locks.hpp"
#include "temporary_folder.hpp"

namespace buntdb::io {
namespace {

using namespace std::chrono_literals;
using buntstore::testing::read_bytes;
using buntstore::testing::write_bytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class posix_file_system_test : public ::testing::Test {
 protected:
  std::unique_ptr<file> open(const std::string& name, open_mode mode = open_mode::read_write) {
    return files_.open(folder_.file(name), mode);
  }

  /// Returns the error of opening.
  error open_error(const std::string& path, open_mode mode) {
    try {
      files_.open(path, mode);
    } catch (const error& problem) {
      return problem;
    }
    ADD_FAILURE() << path << " was opened";
    return {errc::writes_stopped, "none"};
  }

  buntstore::testing::temporary_folder folder_;
  file_system& files_ = file_system::native();
};

TEST_F(posix_file_system_test, writes_and_reads_at_offsets) {
  const auto file = open("a");
  EXPECT_EQ(file->write_at(0, std::string("hello world")), 11U);
  EXPECT_EQ(file->write_at(6, std::string("there")), 5U);
  std::string buffer(100, '?');
  EXPECT_EQ(file->read_at(4, buffer), 7U);
  EXPECT_EQ(buffer.substr(0, 8), "o there?");
  EXPECT_EQ(file->read_at(11, buffer), 0U);
  file->sync();
  file->truncate(5);
  EXPECT_EQ(file->status().size, 5U);
  EXPECT_EQ(read_bytes(folder_.file("a")), "hello");
}

TEST_F(posix_file_system_test, creates_files_for_the_owner_only) {
  const mode_t before = ::umask(0);
  const auto made = open("a");
  const auto made_exclusively = open("b", open_mode::create_private);
  ::umask(before);
  EXPECT_EQ(made->status().mode, 0600U);
  EXPECT_EQ(made_exclusively->status().mode, 0600U);
  EXPECT_TRUE(made->status().is_regular);
}

TEST_F(posix_file_system_test, leaves_the_mode_of_an_existing_file) {
  write_bytes(folder_.file("a"), "x");
  ASSERT_EQ(::chmod(folder_.file("a").c_str(), 0640), 0);
  EXPECT_EQ(open("a")->status().mode, 0640U);
}

TEST_F(posix_file_system_test, creates_private_files_once_and_through_no_link) {
  open("a", open_mode::create_private);
  EXPECT_EQ(open_error(folder_.file("a"), open_mode::create_private).code(),
            std::errc::file_exists);
  std::filesystem::create_symlink(folder_.file("elsewhere"), folder_.file("link"));
  EXPECT_EQ(open_error(folder_.file("link"), open_mode::create_private).code(),
            std::errc::file_exists);
  EXPECT_FALSE(files_.status(folder_.file("elsewhere")));
}

TEST_F(posix_file_system_test, says_that_a_path_is_a_folder) {
  for (const open_mode mode : {open_mode::read_only, open_mode::read_write}) {
    const error problem = open_error(folder_.path(), mode);
    EXPECT_EQ(problem.code(), std::errc::is_a_directory);
    EXPECT_THAT(problem.what(), HasSubstr(folder_.path()));
    EXPECT_THAT(problem.what(), HasSubstr("is a folder"));
  }
}

TEST_F(posix_file_system_test, says_what_is_missing) {
  const error problem = open_error(folder_.file("nothing"), open_mode::read_only);
  EXPECT_EQ(problem.code(), std::errc::no_such_file_or_directory);
  EXPECT_THAT(problem.what(), HasSubstr(folder_.file("nothing")));
}

TEST_F(posix_file_system_test, says_that_permission_is_missing) {
  write_bytes(folder_.file("secret"), "x");
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0), 0);
  const bool is_root = ::geteuid() == 0;
  ASSERT_EQ(is_root ? ::seteuid(65534) : 0, 0);
  const error problem = open_error(folder_.file("secret"), open_mode::read_only);
  ASSERT_EQ(is_root ? ::seteuid(0) : 0, 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0700), 0);
  EXPECT_EQ(problem.code(), std::errc::permission_denied);
  EXPECT_THAT(problem.what(), HasSubstr(folder_.file("secret")));
  EXPECT_THAT(problem.what(), HasSubstr("Permission denied"));
}

TEST_F(posix_file_system_test, does_not_wait_for_the_other_end_of_a_pipe) {
  ASSERT_EQ(::mkfifo(folder_.file("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(open("pipe", open_mode::read_only)->status().is_regular);
}

TEST_F(posix_file_system_test, reports_a_failed_write_with_the_call) {
  write_bytes(folder_.file("a"), "x");
  const auto file = open("a", open_mode::read_only);
  try {
    file->write_at(7, std::string("abc"));
    FAIL();
  } catch (const error& problem) {
    EXPECT_EQ(problem.code(), std::errc::bad_file_descriptor);
    EXPECT_THAT(problem.what(), HasSubstr("pwrite of 3 bytes at offset 7"));
  }
}

TEST_F(posix_file_system_test, keeps_the_time_of_modification_to_the_nanosecond) {
  const auto file = open("a");
  for (const time_point time : {time_point(1'600'000'000s + 123'456'789ns), time_point(-5ns)}) {
    file->set_modified(time);
    EXPECT_EQ(file->status().modified, time);
  }
}

TEST_F(posix_file_system_test, locks_a_file_once) {
  auto first = open("a");
  const auto second = open("a");
  EXPECT_EQ(second->lock_holder(), std::nullopt);
  EXPECT_TRUE(first->try_lock());
  EXPECT_FALSE(second->try_lock());
  // Some file systems (overlays) show another device in /proc/locks; then nothing is found.
  EXPECT_THAT(second->lock_holder().value_or(::getpid()), ::getpid());
  first.reset();
  EXPECT_TRUE(second->try_lock());
}

TEST_F(posix_file_system_test, keeps_file_and_lock_when_it_asks_what_a_close_would_say) {
  const auto file = open("a");
  ASSERT_TRUE(file->try_lock());
  file->write_at(0, std::string("x"));
  file->flush();
  EXPECT_FALSE(open("a")->try_lock());
  file->write_at(1, std::string("y"));
  EXPECT_EQ(read_bytes(folder_.file("a")), "xy");
}

TEST_F(posix_file_system_test, does_not_leave_files_open_across_exec) {
  const auto file = open("a");
  const std::string shown =
      "ls -l /proc/self/fd | grep -c " + folder_.file("a") + " >" + folder_.file("out");
  ASSERT_NE(std::system(shown.c_str()), -1);  // NOLINT(bugprone-command-processor): a fixed command
  EXPECT_EQ(read_bytes(folder_.file("out")), "0\n");
}

TEST_F(posix_file_system_test, renames_removes_and_lists) {
  open("app.db");
  open("app.db.compact-1");
  open("other");
  EXPECT_THAT(files_.names_beginning_with(folder_.file("app.db")),
              ElementsAre("app.db", "app.db.compact-1"));
  files_.rename(folder_.file("app.db.compact-1"), folder_.file("app.db"));
  files_.sync_folder_of(folder_.file("app.db"));
  EXPECT_THAT(files_.names_beginning_with(folder_.file("app")), ElementsAre("app.db"));
  files_.remove(folder_.file("app.db"));
  EXPECT_FALSE(files_.status(folder_.file("app.db")));
  EXPECT_THROW(files_.remove(folder_.file("app.db")), error);
  EXPECT_THROW(files_.rename(folder_.file("none"), folder_.file("app.db")), error);
  EXPECT_THROW(files_.sync_folder_of(folder_.file("none/none")), error);
}

TEST_F(posix_file_system_test, tells_a_replaced_file_from_the_open_one) {
  const auto file = open("a");
  const file_status before = file->status();
  EXPECT_EQ(files_.status(folder_.file("a"))->inode, before.inode);
  open("b");
  files_.rename(folder_.file("b"), folder_.file("a"));
  EXPECT_NE(files_.status(folder_.file("a"))->inode, before.inode);
}

TEST(proc_locks, names_the_holder_of_just_this_flock) {
  const auto holder = [](std::string_view line) {
    return platform::holder_of_flock(line, 0xfd, 0x1, 9876);
  };
  EXPECT_EQ(holder("1: FLOCK  ADVISORY  WRITE 1234 fd:01:9876 0 EOF\n"), 1234);
  EXPECT_EQ(holder("1: FLOCK  ADVISORY  WRITE 1234 fd:01:9877 0 EOF\n"), std::nullopt);
  EXPECT_EQ(holder("1: FLOCK  ADVISORY  WRITE 1234 fd:02:9876 0 EOF\n"), std::nullopt);
  EXPECT_EQ(holder("1: POSIX  ADVISORY  WRITE 1234 fd:01:9876 0 EOF\n"), std::nullopt);
  EXPECT_EQ(holder("1: -> FLOCK  ADVISORY  WRITE 1234 fd:01:9876 0 EOF\n"), std::nullopt);
  EXPECT_EQ(holder("1: FLOCK  ADVISORY  WRITE -1 fd:01:9876 0 EOF\n"), std::nullopt);
  EXPECT_EQ(holder("1: FLOCK  ADVISORY  WRITE 12x fd:01:9876 0 EOF\n"), std::nullopt);
  EXPECT_EQ(holder("1: FLOCK\n"), std::nullopt);
  EXPECT_EQ(holder(""), std::nullopt);
}

}  // namespace
}  // namespace buntdb::io
