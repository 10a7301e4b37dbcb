#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "support/code_of.hpp"
#include "support/test_database.hpp"
#include "temporary_folder.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::contents;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;
using items = std::vector<std::pair<std::string, std::string>>;

class copies : public ::testing::Test {
 protected:
  copies() {
    db_->update([this](transaction& tx) {
      tx.set("a", "1");
      tx.set("b", "2", {.expires_at = clock_.now() + 60s});
      tx.set(std::string("\0\r\n", 3), std::string(3'000'000, 'x'));
    });
    db_->create_index("numbers", {.pattern = "?", .order = {by_int()}, .persistent = true});
  }

  std::string saved() {
    std::ostringstream out;
    db_->save(out);
    return out.str();
  }

  fake_clock clock_;
  memory_file_system disk_;
  test_database db_{disk_, clock_};
};

TEST_F(copies, go_through_a_stream) {
  std::istringstream in(saved());
  test_database other(clock_);
  other->set("a", "old");
  other->set("c", "3");
  other->load(in);
  items expected = contents(*db_);
  expected.emplace_back("c", "3");
  EXPECT_EQ(contents(*other), expected);
  EXPECT_EQ(other->begin_read().ttl("b"), 60s);
  EXPECT_EQ(other->begin_read().indexes(), std::vector<std::string>{"numbers"});
}

TEST_F(copies, are_of_one_moment) {
  const items before = contents(*db_);
  transaction tx = db_->begin();
  tx.set("a", "not yet");
  std::istringstream in(saved());
  test_database other(clock_);
  other->load(in);
  EXPECT_EQ(contents(*other), before);
}

TEST_F(copies, are_files_that_can_be_opened) {
  db_->save("/data/copy.db");
  const database copy =
      engine::database_access::open(disk_, "/data/copy.db", {.clock = &clock_}, false);
  const database db = engine::database_access::open(disk_, "/data/copy.db",
                                                    {.read_only = true, .clock = &clock_}, false);
  EXPECT_EQ(contents(db), contents(*db_));
  // A save must not replace a database that is open.
  EXPECT_EQ(code_of([&] { db_->save("/data/copy.db"); }), errc::locked);
  EXPECT_EQ(code_of([&] { db_->save(test_database::path); }), errc::locked);
}

TEST_F(copies, take_the_place_of_an_older_file) {
  db_->save("/data/copy.db");
  db_->set("a", "2");
  db_->save("/data/copy.db");
  test_database other(clock_);
  const database copy =
      engine::database_access::open(disk_, "/data/copy.db", {.clock = &clock_}, false);
  EXPECT_EQ(copy.get("a"), "2");
  EXPECT_TRUE(disk_.names_beginning_with("/data/copy.db.save-").empty());
}

TEST_F(copies, load_nothing_of_one_that_is_damaged_or_torn) {
  const std::string good = saved();
  const items before = contents(*db_);
  for (const std::size_t cut : {good.size() - 1, good.size() / 2, std::size_t{100}}) {
    std::istringstream torn(good.substr(0, cut));
    EXPECT_NE(code_of([&] { db_->load(torn); }), std::error_code()) << cut;
  }
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  std::istringstream in(flipped);
  EXPECT_EQ(code_of([&] { db_->load(in); }), errc::corrupt);
  std::istringstream rubbish("hello world");
  EXPECT_EQ(code_of([&] { db_->load(rubbish); }), errc::not_a_database);
  EXPECT_EQ(code_of([&] { db_->load("/data/nowhere"); }), std::errc::no_such_file_or_directory);
  EXPECT_EQ(contents(*db_), before);
}

TEST_F(copies, load_what_the_original_wrote) {
  std::istringstream in(
      "*3\r\n$3\r\nset\r\n$1\r\nx\r\n$1\r\n9\r\n*5\r\n$3\r\nSET\r\n$1\r\ny\r\n$1\r\n8\r\n$"
      "2\r\nex\r\n"
      "$2\r\n90\r\n*2\r\n$3\r\ndel\r\n$1\r\na\r\n");
  db_->load(in);
  EXPECT_EQ(db_->get("x"), "9");
  EXPECT_EQ(db_->begin_read().ttl("y"), 90s);
  EXPECT_EQ(db_->get("a"), std::nullopt);
}

TEST_F(copies, say_that_the_copy_is_in_place_when_only_its_name_is_not_on_the_disk) {
  disk_.fail_nth(1, EIO, testing::io_call::sync_folder);
  EXPECT_EQ(code_of([&] { db_->save("/data/copy.db"); }), errc::name_not_durable);
  disk_.heal();
  EXPECT_EQ(disk_.names_beginning_with("/data/copy.db"), std::vector<std::string>{"copy.db"});
  db_->load("/data/copy.db");  // it is whole
}

TEST_F(copies, say_when_the_stream_takes_no_more) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(code_of([&] { db_->save(out); }), std::errc::io_error);
}

TEST(copies_on_disk, go_through_real_files) {
  const buntstore::testing::temporary_folder folder;
  const std::string path = folder.path() + "/a.db";
  {
    database db = database::open(path);
    db.set("k", "v");
    db.save(folder.path() + "/b.db");
    EXPECT_EQ(code_of([&] { db.save(folder.path() + "/nowhere/b.db"); }),
              std::errc::no_such_file_or_directory);
    std::ofstream stream(folder.path() + "/c.db", std::ios::binary);
    db.save(stream);
  }
  for (const char* name : {"/b.db", "/c.db"}) {
    database db = database::open(folder.path() + name, {.on_event = ignore_event});
    EXPECT_EQ(db.get("k"), "v") << name;
    db.set("l", "w");
    database memory = database::in_memory();
    memory.load(folder.path() + name);
    EXPECT_EQ(memory.get("l"), "w");
  }
}

}  // namespace
}  // namespace buntdb
