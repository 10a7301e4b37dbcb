#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "jsonl.hpp"
#include "support/code_of.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using ::testing::HasSubstr;

class opening : public ::testing::Test {
 protected:
  /// Returns the code and the text of the error that opening the file throws.
  std::pair<std::error_code, std::string> failure_of(const std::string& path) {
    try {
      database::open(path).close();
    } catch (const error& failure) {
      return {failure.code(), failure.what()};
    }
    return {};
  }

  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
};

TEST_F(opening, makes_a_file_that_only_its_owner_may_read) {
  const mode_t before = ::umask(0);
  database::open(path_).set("secret", "value");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(opening, says_that_a_folder_is_one) {
  const auto [code, text] = failure_of(folder_.path());
  EXPECT_EQ(code, std::errc::is_a_directory);
  EXPECT_THAT(text, HasSubstr(folder_.path()));
}

TEST_F(opening, says_that_there_is_no_such_folder) {
  const auto [code, text] = failure_of(folder_.file("absent/app.db"));
  EXPECT_EQ(code, std::errc::no_such_file_or_directory);
  EXPECT_THAT(text, HasSubstr("absent/app.db"));
}

TEST_F(opening, says_that_permission_is_missing) {
  buntstore::testing::write_bytes(path_, "");
  std::filesystem::permissions(path_, std::filesystem::perms::none);
  // Root may read everything, so a child process tries as another user.
  const pid_t child = ::fork();
  if (child == 0) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    if (::geteuid() == 0 && ::seteuid(65534) != 0) ::_exit(2);
    const auto [code, text] = failure_of(path_);
    const bool as_expected =
        code == std::errc::permission_denied && text.find(path_) != std::string::npos;
    ::_exit(as_expected ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(opening, says_that_a_device_is_no_database) {
  EXPECT_EQ(failure_of("/dev/null").first, errc::not_a_database);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(failure_of(path_).first, errc::not_a_database);
}

TEST_F(opening, refuses_what_is_no_database_and_leaves_it_alone) {
  for (const std::string bytes :
       {"hello", "hello\n", "{\"json\":true}\n", "*1\r\n$4\r\nPING\r\n"}) {
    buntstore::testing::write_bytes(path_, bytes);
    const auto [code, text] = failure_of(path_);
    EXPECT_EQ(code, errc::not_a_database) << bytes;
    EXPECT_THAT(text, HasSubstr(path_));
    EXPECT_EQ(buntstore::testing::read_bytes(path_), bytes);
  }
}

TEST_F(opening, names_the_offset_of_damage) {
  const std::string good = "*3\r\n$3\r\nset\r\n$1\r\na\r\n$1\r\n1\r\n";
  buntstore::testing::write_bytes(path_, good + "garbage\r\n" + good);
  const auto [code, text] = failure_of(path_);
  EXPECT_EQ(code, errc::corrupt);
  EXPECT_THAT(text, HasSubstr("offset " + std::to_string(good.size())));
  EXPECT_THAT(text, HasSubstr(path_));
}

TEST_F(opening, names_the_process_that_has_the_database) {
  const database first = database::open(path_);
  const auto [code, text] = failure_of(path_);
  EXPECT_EQ(code, errc::locked);
  EXPECT_THAT(text, HasSubstr(path_));
  EXPECT_THAT(text, HasSubstr("process"));
}

TEST_F(opening, tells_which_process_has_the_database) {
  EXPECT_EQ(testing::code_of([&] { database::lock_holder(path_); }),
            std::errc::no_such_file_or_directory);
  auto first = std::unique_ptr<database>(new database(database::open(path_)));
  EXPECT_EQ(database::lock_holder(path_), static_cast<long>(::getpid()));
  first.reset();
  EXPECT_EQ(database::lock_holder(path_), std::nullopt);
}

TEST_F(opening, gives_the_lock_up_with_the_database) {
  for (int i = 0; i < 3; ++i) {
    database db = database::open(path_);
    db.set("n", std::to_string(i));
  }
  EXPECT_EQ(database::open(path_).get("n"), "2");
}

TEST_F(opening, keeps_the_database_through_a_kill) {
  const pid_t child = ::fork();
  if (child == 0) {
    database db = database::open(path_);
    for (int i = 0; i < 100; ++i)
      db.set(std::to_string(i), "v");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const database db = database::open(path_);
  EXPECT_EQ(db.stats().items, 100U);
  EXPECT_EQ(db.stats().recovered_bytes, 0U);
}

TEST_F(opening, a_forked_child_can_do_nothing_with_it_and_harms_nothing) {
  std::unique_ptr<database> db(new database(database::open(path_)));
  db->set("a", "1");
  const pid_t child = ::fork();
  if (child == 0) {
    int refused = 0;
    const auto refuses = [&](auto function) {
      try {
        function();
      } catch (const error& failure) {
        refused += failure.code() == errc::closed ? 1 : 0;
      }
    };
    refuses([&] { db->set("a", "2"); });
    refuses([&] { static_cast<void>(db->get("a")); });
    refuses([&] { static_cast<void>(db->begin_read()); });
    refuses([&] { db->close(); });
    refuses([&] { static_cast<void>(db->stats()); });
    refuses([&] { db->change([](settings&) {}); });
    refuses([&] { static_cast<void>(db->current_settings()); });
    db.reset();  // changes nothing
    ::_exit(refused == 7 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(db->get("a"), "1");
  db->set("b", "2");
  EXPECT_EQ(failure_of(path_).first, errc::locked);  // the child has not released the lock
  db.reset();
  EXPECT_EQ(database::open(path_).get("b"), "2");
}

/// A function for on_expired that forks in its copy constructor, which runs when a database copies
/// its settings.
class forks_when_copied {
 public:
  explicit forks_when_copied(pid_t& child) : child_(&child) {}
  forks_when_copied(const forks_when_copied& other) : child_(other.child_) {
    if (*child_ == to_be_made) *child_ = ::fork();
  }
  forks_when_copied& operator=(const forks_when_copied&) = delete;
  ~forks_when_copied() = default;

  void operator()(std::span<const expired_item>) const {}

  static constexpr pid_t to_be_made = -2;

 private:
  pid_t* child_;
};

// If another thread holds the mutex of the settings at the fork, it is released in the parent only.
TEST_F(opening, a_forked_child_waits_for_no_mutex_to_refuse_questions_about_settings) {
  pid_t child = 0;
  database db = database::open(path_);
  db.change([&](settings& to) { to.expiry.on_expired = forks_when_copied(child); });
  child = forks_when_copied::to_be_made;
  static_cast<void>(db.current_settings());
  if (child == 0) {
    ::alarm(20);  // ends a child that waits
    try {
      static_cast<void>(db.current_settings());
    } catch (const error& failure) {
      ::_exit(failure.code() == errc::closed ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(db.current_settings().sync, sync_policy::every_second);
}

// A child process has the parent's descriptor, too, and with it the lock, for as long as it lives.
TEST_F(opening, a_forked_child_does_not_keep_the_lock_when_the_parent_closes) {
  int until_closed[2];
  ASSERT_EQ(::pipe(until_closed), 0);
  std::unique_ptr<database> db(new database(database::open(path_)));
  db->set("a", "1");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(until_closed[1]);
    char end = 0;
    ::_exit(::read(until_closed[0], &end, 1) == 0 ? 0 : 1);
  }
  ::close(until_closed[0]);
  db.reset();
  EXPECT_EQ(database::open(path_).get("a"), "1");
  int status = 0;
  ::close(until_closed[1]);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A transaction that was open at the fork must not write its batch from the child into the parent's
// file.
TEST_F(opening, a_forked_child_cannot_commit_the_transaction_it_inherited) {
  database db = database::open(path_, {.sync = sync_policy::always});
  db.set("a", "1");
  transaction tx = db.begin();
  tx.set("a", "2");
  const std::string before = buntstore::testing::read_bytes(path_);
  for (const bool may_wait : {true, false}) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        may_wait ? tx.commit() : static_cast<void>(tx.try_commit());
      } catch (const error& failure) {
        ::_exit(failure.code() == errc::closed ? 0 : 1);
      }
      ::_exit(2);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0) << (may_wait ? "commit()" : "try_commit()");
  }
  EXPECT_EQ(buntstore::testing::read_bytes(path_), before);
  tx.commit();
  EXPECT_EQ(db.get("a"), "2");
}

TEST_F(opening, takes_a_megabyte_value_and_an_empty_file) {
  buntstore::testing::write_bytes(path_, "");
  const std::string large(std::size_t{1} << 20U, 'x');
  database::open(path_, {.on_event = ignore_event}).set("large", large);
  EXPECT_EQ(database::open(path_, {.on_event = ignore_event}).get("large"), large);
}

}  // namespace
}  // namespace buntdb
