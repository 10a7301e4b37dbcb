// What happens when another program removes, replaces, cuts or writes to the file while it is open.
#include <cerrno>
#include <exception>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/code_of.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using ::testing::HasSubstr;
using testing::io_call;
using testing::memory_file_system;
using testing::test_database;

const char* const path = test_database::path;

/// Returns the message of the error that the function throws; "" if it throws none.
template <class Function>
std::string message_of(Function function) {
  try {
    function();
  } catch (const error& failure) {
    return failure.what();
  }
  return {};
}

struct change_by_another {
  const char* name;
  void (*make)(memory_file_system& files);
  const char* said;
};

void remove_it(memory_file_system& files) {
  files.remove(path);
}
void replace_it(memory_file_system& files) {
  const std::string same = files.content(path);
  files.remove(path);
  files.put(path, same);
}
void cut_it(memory_file_system& files) {
  files.open(path, io::open_mode::read_write)->truncate(files.content(path).size() - 1);
}
void append_to_it(memory_file_system& files) {
  const std::uint64_t size = files.content(path).size();
  files.open(path, io::open_mode::read_write)->write_at(size, std::string_view("*0\r\n"));
}

class lost_file : public ::testing::TestWithParam<change_by_another> {
 protected:
  void expect_that_writing_has_stopped(test_database& db) const {
    EXPECT_EQ(code_of([&] { db->set("b", "2"); }), errc::writes_stopped);
    EXPECT_THAT(message_of([&] { db->set("b", "2"); }), HasSubstr(GetParam().said));
    EXPECT_EQ(code_of([&] { db->compact(); }), errc::writes_stopped);
    EXPECT_EQ(db->get("a"), "1");  // reads still work
    EXPECT_EQ(db->get("b"), std::nullopt);
    ASSERT_EQ(db.events().size(), 1U);
    EXPECT_EQ(db.events()[0].kind, event_kind::file_lost);
    EXPECT_EQ(db.events()[0].code, errc::file_lost);
    EXPECT_THAT(db.events()[0].message, HasSubstr(GetParam().said));
  }

  fake_clock clock_;
  memory_file_system files_;
};

TEST_P(lost_file, is_noticed_in_the_background_and_ends_writing) {
  test_database db(files_, clock_, sync_policy::never);
  db->set("a", "1");
  db.engine().maintenance().check_file();
  EXPECT_EQ(db.events().size(), 0U);
  GetParam().make(files_);
  const std::vector<std::string> names = files_.paths();
  db.engine().maintenance().check_file();
  db.engine().maintenance().check_file();  // reported once
  expect_that_writing_has_stopped(db);
  EXPECT_EQ(code_of([&] { db->close(); }), errc::writes_stopped);  // and changes nothing
  EXPECT_EQ(files_.paths(), names);
}

INSTANTIATE_TEST_SUITE_P(
    by_another_program, lost_file,
    ::testing::Values(change_by_another{"removed", remove_it, "/data/app.db was removed"},
                      change_by_another{"replaced", replace_it, "/data/app.db was replaced"},
                      change_by_another{"cut", cut_it, "/data/app.db was cut by another program"},
                      change_by_another{"written_to", append_to_it,
                                        "another program has written to /data/app.db"}),
    [](const auto& each) { return each.param.name; });

class lost_file_under_always : public lost_file {};

TEST_P(lost_file_under_always, is_noticed_before_a_commit_is_acknowledged) {
  test_database db(files_, clock_, sync_policy::always);
  db->set("a", "1");
  GetParam().make(files_);
  EXPECT_NE(code_of([&] { db->set("b", "2"); }), std::error_code());
  expect_that_writing_has_stopped(db);
}

TEST_P(lost_file_under_always, is_noticed_before_an_asynchronous_commit_is_over) {
  test_database db(files_, clock_, sync_policy::always);
  db->set("a", "1");
  GetParam().make(files_);
  transaction tx = db->begin();
  tx.set("b", "2");
  std::promise<std::error_code> told;
  try {
    tx.commit_then([&](const std::exception_ptr& failure) {
      told.set_value(failure ? code_of([&] { std::rethrow_exception(failure); })
                             : std::error_code());
    });
  } catch (const error& failure) {  // detected before the write
    told.set_value(failure.code());
  }
  EXPECT_NE(told.get_future().get(), std::error_code());
  expect_that_writing_has_stopped(db);
}

INSTANTIATE_TEST_SUITE_P(
    by_another_program, lost_file_under_always,
    ::testing::Values(change_by_another{"removed", remove_it, "/data/app.db was removed"},
                      change_by_another{"replaced", replace_it, "/data/app.db was replaced"},
                      change_by_another{"cut", cut_it, "/data/app.db was cut by another program"},
                      change_by_another{"written_to", append_to_it,
                                        "another program has written to /data/app.db"}),
    [](const auto& each) { return each.param.name; });

TEST(lost_file_check, goes_on_through_compactions_and_knows_the_new_file) {
  fake_clock clock;
  memory_file_system files;
  test_database db(files, clock, sync_policy::always);
  for (int i = 0; i < 5; ++i) {
    db->set("a", std::to_string(i));
    db->compact();
    db.engine().maintenance().check_file();
  }
  db->set("a", "5");
  EXPECT_EQ(db.events().size(), 0U);
  files.remove(path);
  EXPECT_EQ(code_of([&] { db->set("a", "6"); }), errc::writes_stopped);
}

// Like a log rotation that copies and cuts: the next write fills the hole with NULs, and the size
// is as expected.
TEST(lost_file_check, sees_a_cut_that_a_write_has_filled_up_again) {
  fake_clock clock;
  memory_file_system files;
  test_database db(files, clock, sync_policy::never);
  db->set("a", "1");
  db.engine().maintenance().check_file();
  for (int i = 0; i < 3; ++i) {  // nothing wrong, with and without writes in between
    db.engine().maintenance().check_file();
    db->set("a", std::to_string(i));
    db.engine().maintenance().check_file();
    if (i == 1) db->compact();
  }
  EXPECT_EQ(db.events().size(), 0U);
  files.open(path, io::open_mode::read_write)->truncate(0);
  db->set("b", "2");
  db.engine().maintenance().check_file();
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_THAT(db.events()[0].message, HasSubstr("was cut or overwritten by another program"));
  EXPECT_EQ(code_of([&] { db->set("c", "3"); }), errc::writes_stopped);
}

TEST(lost_file_check, knows_what_another_program_had_written_before) {
  fake_clock clock;
  memory_file_system files;
  const std::string original = "*5\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n$2\r\nex\r\n$2\r\n60\r\n";
  files.put(path, original + std::string(100, '\0'), clock.now());
  test_database db(files, clock);
  ASSERT_EQ(db.events().size(), 1U);
  EXPECT_EQ(db.events()[0].kind, event_kind::foreign_file);
  db.engine().maintenance().check_file();  // nothing written yet
  EXPECT_EQ(db.events().size(), 1U);
  db->set("b", "2");
  db.engine().maintenance().check_file();
  EXPECT_EQ(db.events().size(), 1U);
}

TEST(lost_file_check, takes_a_system_that_does_not_say_for_no_loss) {
  fake_clock clock;
  memory_file_system files;
  test_database db(files, clock, sync_policy::always);
  files.fail_all(io_call::look, EACCES);
  db->set("a", "1");  // it was synced
  EXPECT_EQ(code_of([&] { db.engine().maintenance().check_file(); }), std::errc::permission_denied);
  files.heal();
  db->set("a", "2");
  EXPECT_EQ(db->get("a"), "2");
}

// The background thread acquires the writer's lock if it is free, and does not wait.
TEST(lost_file_check, does_not_wait_for_a_transaction) {
  fake_clock clock;
  memory_file_system files;
  test_database db(files, clock);
  db->set("a", "1");
  transaction tx = db->begin();
  tx.set("a", "2");
  std::async(std::launch::async, [&] { db.engine().maintenance().check_file(); }).get();
  files.remove(path);
  std::async(std::launch::async, [&] { db.engine().maintenance().check_file(); }).get();
  EXPECT_EQ(code_of([&] { tx.commit(); }), errc::writes_stopped);
  EXPECT_EQ(db->get("a"), "1");
}

class lost_real_file : public ::testing::Test {
 protected:
  /// Writes until a write is refused.
  static std::string why_writing_stops(database& db) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < deadline) {
      const std::string message = message_of([&] { db.set("b", "2"); });
      if (!message.empty()) return message;
      std::this_thread::yield();
    }
    return "it does not";
  }

  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
};

TEST_F(lost_real_file, is_noticed_by_the_background_thread) {
  for (const sync_policy policy : {sync_policy::never, sync_policy::every_second}) {
    database db = database::open(path_, {.sync = policy, .on_event = ignore_event});
    db.set("a", "1");
    std::filesystem::remove(path_);
    EXPECT_THAT(why_writing_stops(db), HasSubstr(path_ + " was removed"));
    EXPECT_EQ(code_of([&] { db.close(); }), errc::writes_stopped);
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

TEST_F(lost_real_file, is_noticed_when_its_folder_is_renamed_or_replaced) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(folder_.path()) / "data";
  for (const bool replaced : {false, true}) {
    fs::remove_all(folder);
    fs::create_directory(folder);
    database db = database::open(folder / "app.db", {.on_event = ignore_event});
    db.set("a", "1");
    fs::rename(folder, fs::path(folder_.path()) / (replaced ? "old" : "moved"));
    if (replaced) {
      fs::create_directory(folder);
      database::open(folder / "app.db").set("a", "of another");
    }
    EXPECT_THAT(why_writing_stops(db), HasSubstr("the folder of " + (folder / "app.db").string() +
                                                 " was renamed, removed or replaced"));
  }
}

TEST_F(lost_real_file, is_not_what_a_change_of_the_working_folder_makes_of_it) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  database db = database::open("app.db", {.sync = sync_policy::always});
  std::filesystem::current_path(before);
  db.set("a", "1");
  db.compact();
  db.set("a", "2");
  db.close();
  EXPECT_EQ(database::open(path_).get("a"), "2");
  EXPECT_FALSE(std::filesystem::exists("app.db"));
}

// A compaction through a symbolic link must replace the file that the link leads to, not the link:
// otherwise that file would keep the old state without a lock.
TEST_F(lost_real_file, is_not_left_behind_by_a_compaction_through_a_symbolic_link) {
  std::filesystem::create_directory(std::filesystem::path(folder_.path()) / "data");
  const std::filesystem::path target = std::filesystem::path(folder_.path()) / "data" / "real.db";
  for (const bool exists : {false, true}) {
    if (!exists) std::filesystem::create_symlink("data/real.db", path_);
    database db = database::open(path_, {.sync = sync_policy::always});
    db.set("a", "1");
    db.compact();
    db.set("a", exists ? "2" : "1");
    EXPECT_TRUE(std::filesystem::is_symlink(path_));
    EXPECT_EQ(code_of([&] { database::open(target); }), errc::locked);
    db.close();
    EXPECT_EQ(database::open(target).get("a"), exists ? "2" : "1");
  }
}

}  // namespace
}  // namespace buntdb
