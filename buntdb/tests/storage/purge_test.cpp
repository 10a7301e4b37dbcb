// Erased data leaves the file, and the files next to it.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "support/code_of.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class purge : public ::testing::Test {
 protected:
  static std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string beside(const std::string& ending) {
    const std::string path = path_ + ending;
    std::ofstream(path) << "jane@example.com";
    return path;
  }

  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
};

TEST_F(purge, removes_what_was_erased_and_overwritten_from_the_file) {
  database db = database::open(path_);
  db.set("account", "jane@example.com");
  db.set("account", "jane@example.org");
  db.erase("account");
  db.set("other", "stays");
  ASSERT_NE(content(path_).find("jane@example.com"), std::string::npos);
  EXPECT_THAT(db.purge(), IsEmpty());
  EXPECT_EQ(content(path_).find("jane@"), std::string::npos);
  EXPECT_EQ(db.get("other"), "stays");
}

TEST_F(purge, removes_what_was_kept_beside_the_file_and_nothing_else) {
  database db = database::open(path_);
  db.set("a", "1");
  const std::string cut = beside(".cut-120");
  const std::string second = beside(".cut-120.3");
  const std::string damaged = beside(".damaged-7");
  for (const char* others : {".cut-", ".cut-12x", ".cut-12x3", ".cut-20240101-1200", ".cut-12.",
                             ".cut-12.bak", ".damaged", ".backup"})
    beside(others);
  EXPECT_THAT(db.purge(), UnorderedElementsAre(cut, second, damaged));
  EXPECT_THAT(folder_.names(),
              UnorderedElementsAre("app.db", "app.db.cut-", "app.db.cut-12x", "app.db.cut-12x3",
                                   "app.db.cut-20240101-1200", "app.db.cut-12.",
                                   "app.db.cut-12.bak", "app.db.damaged", "app.db.backup"));
}

TEST_F(purge, removes_no_link_and_nothing_that_another_program_has_open) {
  database db = database::open(path_);
  database::open(path_ + ".damaged-7").set("b", "2");
  const database examined = database::open(path_ + ".damaged-7");
  beside(".kept");
  std::filesystem::create_symlink("app.db.kept", path_ + ".cut-9");
  EXPECT_THAT(db.purge(), IsEmpty());
  EXPECT_EQ(folder_.names().size(), 4U);
  EXPECT_EQ(examined.get("b"), "2");
}

TEST_F(purge, says_that_it_cannot_look) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may list every folder";
  database db = database::open(path_);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms{0300});
  EXPECT_EQ(testing::code_of([&] { db.purge(); }), std::errc::permission_denied);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::owner_all);
}

TEST_F(purge, has_nothing_to_do_in_memory) {
  database db = database::in_memory();
  EXPECT_THAT(db.purge(), IsEmpty());
}

TEST_F(purge, is_refused_when_the_database_is_closed) {
  database db = database::open(path_);
  db.close();
  EXPECT_EQ(testing::code_of([&] { db.purge(); }), errc::closed);
}

}  // namespace
}  // namespace buntdb
