// Files of other owners, in folders with few permissions, and under limits. Tested as another user,
// which only root can become.

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "in_child.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using buntstore::testing::in_child;

constexpr uid_t some_user = 12345;
constexpr gid_t some_group = 23456;

bool become_some_user() {
  const gid_t group = some_group;
  return ::setgroups(1, &group) == 0 && ::setgid(some_group) == 0 && ::setuid(some_user) == 0;
}

struct stat status_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found;
}

class foreign_files : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    std::filesystem::create_directory(folder());
    database db = database::open(path());
    db.set("a", "1");
    db.close();
  }

  std::string folder() const { return folder_.file("data"); }
  std::string path() const { return folder() + "/app.db"; }

  buntstore::testing::temporary_folder folder_;
};

TEST_F(foreign_files, are_compacted_with_their_group_and_mode_where_the_owner_cannot_be_kept) {
  ASSERT_EQ(::chown(folder().c_str(), some_user, some_group), 0);
  ASSERT_EQ(::chown(path().c_str(), 0, some_group), 0);
  ASSERT_EQ(::chmod(path().c_str(), 0660), 0);
  EXPECT_EQ(in_child([this] {
              if (!become_some_user()) return 1;
              database db = database::open(path(), {.on_event = ignore_event});
              db.set("b", "2");
              db.compact();
              db.close();
              return 0;
            }),
            0);
  const struct stat now = status_of(path());
  EXPECT_EQ(now.st_uid, some_user);
  EXPECT_EQ(now.st_gid, some_group);
  EXPECT_EQ(now.st_mode & 07777U, 0660U);
}

TEST_F(foreign_files, are_not_compacted_where_the_group_cannot_be_kept) {
  ASSERT_EQ(::chown(folder().c_str(), some_user, some_group), 0);
  ASSERT_EQ(::chown(path().c_str(), 0, some_group + 1), 0);
  ASSERT_EQ(::chmod(path().c_str(), 0666), 0);  // otherwise it could not be opened at all
  EXPECT_EQ(in_child([this] {
              if (!become_some_user()) return 1;
              database db = database::open(path(), {.on_event = ignore_event});
              try {
                db.compact();
              } catch (const error& failure) {
                return failure.code() == std::errc::operation_not_permitted ? 0 : 2;
              }
              return 3;
            }),
            0);
  EXPECT_EQ(status_of(path()).st_gid, some_group + 1);
}

TEST_F(foreign_files, open_in_a_folder_that_may_be_entered_and_not_listed) {
  ASSERT_EQ(::chown(path().c_str(), some_user, some_group), 0);
  ASSERT_EQ(::chmod(folder().c_str(), 0711), 0);
  EXPECT_EQ(in_child([this] {
              if (!become_some_user()) return 1;
              database db = database::open(path(), {.on_event = ignore_event});
              db.set("b", "2");
              db.close();
              return 0;
            }),
            0);
  EXPECT_EQ(database::open(path(), {.on_event = ignore_event}).get("b"), "2");
}

TEST(limited_files, refuse_a_write_beyond_ulimit_instead_of_ending_the_process) {
  const buntstore::testing::temporary_folder folder;
  EXPECT_EQ(in_child([&folder] {
              const rlimit small{100'000, 100'000};
              if (::setrlimit(RLIMIT_FSIZE, &small) != 0) return 1;
              database db = database::open(folder.file("app.db"));
              try {
                for (int i = 0; i < 1000; ++i)
                  db.set(std::to_string(i), std::string(1000, 'v'));
              } catch (const error& failure) {
                return failure.code() == std::errc::file_too_large && db.get("0") ? 0 : 2;
              }
              return 3;
            }),
            0);
  database db = database::open(folder.file("app.db"));
  EXPECT_TRUE(db.get("50"));
}

}  // namespace
}  // namespace buntdb
