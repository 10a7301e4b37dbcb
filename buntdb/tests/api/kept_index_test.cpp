#include <algorithm>
#include <cerrno>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "api/index_fixture.hpp"
#include "log/batch.hpp"
#include "log/encode.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

using testing::code_of;
using testing::fake_clock;
using testing::keys;
using testing::memory_file_system;
using testing::strings;
using testing::test_database;

TEST(kept_index, comes_back_with_the_file_and_survives_a_compaction) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("ages",
                     {.pattern = "age:*", .order = {desc(by_int()), by_key()}, .persistent = true});
    db->create_index("gone", {.persistent = true});
    db->create_index("fleeting", {});
    db->create_spatial_index("places", {.pattern = "p:*", .ignore_case = true, .persistent = true});
    db->set("age:ann", "30");
    db->set("age:bob", "40");
    db->set("P:1", "[1 2]");
    db->drop_index("gone");
    EXPECT_EQ(
        code_of([&] {
          db->create_index(
              "own",
              {.order = {ordering([](std::string_view a, std::string_view b) { return a < b; })},
               .persistent = true});
        }),
        errc::invalid_argument);
  }
  for (int round = 0; round < 2; ++round) {
    test_database db(disk, clock);
    const snapshot view = db->begin_read();
    EXPECT_EQ(view.indexes(), (strings{"ages", "places"}));
    EXPECT_EQ(keys(view.ascend("ages")), (strings{"age:bob", "age:ann"}));
    EXPECT_TRUE(view.index("places")->ignore_case);
    int found = 0;
    for ([[maybe_unused]] const auto item : view.intersects("places", "[0 0],[9 9]"))
      ++found;
    EXPECT_EQ(found, 1);
    db->compact();
  }
}

TEST(kept_index, keeps_no_sort_keys_after_an_open_either) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("ages", {.order = {by_int()}, .persistent = true, .keep_sort_keys = false});
    db->set("ann", "30");
    db->set("bob", "4");
  }
  for (int round = 0; round < 2; ++round) {
    test_database db(disk, clock);
    const snapshot view = db->begin_read();
    EXPECT_FALSE(view.index("ages")->keep_sort_keys);
    EXPECT_EQ(keys(view.ascend("ages")), (strings{"bob", "ann"}));
    db->compact();
  }
}

TEST(kept_index, is_written_down_whatever_is_in_its_name_and_pattern) {
  fake_clock clock;
  memory_file_system disk;
  strings names;
  {
    test_database db(disk, clock);
    for (const char* part : {":", "\r\n", "3:abc", "\xff\xfe", "index-"})
      names.push_back(std::string(part) + '\0' + part);
    for (std::size_t size = 1; size < 40; ++size)  // one of the records is as long as a marker
      names.push_back(std::string(size, 'n'));
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      db->create_index(name, {.pattern = name + "*", .sparse = true, .persistent = true});
      db->create_index("again " + name, {.order = {by_json("a." + name)}, .persistent = true});
      db->drop_index("again " + name);
    }
  }
  test_database db(disk, clock);
  EXPECT_TRUE(db.events().empty());
  EXPECT_EQ(db->begin_read().indexes(), names);
  for (const std::string& name : names) {
    EXPECT_EQ(db->begin_read().index(name)->pattern, name + "*");
    EXPECT_TRUE(db->begin_read().index(name)->sparse);
  }
}

TEST(kept_index, is_reported_when_another_program_has_written_the_file_anew_without_it) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("names", {.persistent = true});
    db->set("a", "1");
  }
  // As BuntDB's Shrink does.
  std::string items;
  log::append_set(items, "a", "1");
  disk.put(test_database::path, items);
  {
    test_database db(disk, clock);
    ASSERT_EQ(db.events().size(), 1U);
    EXPECT_EQ(db.events()[0].kind, event_kind::foreign_file);
    EXPECT_TRUE(db->begin_read().indexes().empty());
    db->set("b", "2");
  }
  EXPECT_TRUE(test_database(disk, clock).events().empty());
}

TEST(kept_index, of_a_later_version_is_left_out_and_reported) {
  const auto record = [](const std::string& fields) {
    std::string batch;
    log::begin_batch(batch);
    log::append_del(batch, std::string("\0bunt:index+", 12) + fields);
    log::append_del(batch, std::string("\0bunt:something else", 20));
    log::append_set(batch, "a", "1");
    log::finish_batch(batch, 0, {.at = 0, .number = 1, .synced = 0});
    return batch;
  };
  fake_clock clock;
  for (const char* fields : {"1:a7:ordered1:x1:*", "1:a3:new0:1:*", "1:a7:ordered0:1:*3:abc",
                             "1:a7:ordered", "99:a", "a", "-1:", ""}) {
    std::string events;
    database db = database::in_memory({.on_event = [&](const event& told) {
      if (told.kind == event_kind::index_not_restored) events += told.message;
    }});
    std::istringstream copy(record(fields));
    db.load(copy);
    EXPECT_EQ(db.get("a"), "1") << fields;
    EXPECT_FALSE(events.empty()) << fields;
    EXPECT_TRUE(db.begin_read().indexes().empty()) << fields;
  }
}

/// Returns a record as a later version may write it.
std::string definition_by_a_later_version() {
  return std::string("\0bunt:index+", 12) + "5:later3:new0:1:*";
}

void append_to_file(memory_file_system& disk, const std::string& reserved_key) {
  std::string batch = disk.content(test_database::path);
  log::append_del(batch, reserved_key);
  disk.put(test_database::path, batch);
}

bool file_has(memory_file_system& disk, const std::string& reserved_key) {
  return disk.content(test_database::path).find(reserved_key) != std::string::npos;
}

class index_of_a_later_version : public ::testing::Test {
 protected:
  index_of_a_later_version() {
    test_database(disk, clock)->set("a", "1");
    append_to_file(disk, definition_by_a_later_version());
  }

  /// Returns whether opening the file reports the definition.
  bool is_told() {
    const test_database db(disk, clock);
    for (const event& told : db.events())
      if (told.kind == event_kind::index_not_restored) return true;
    return false;
  }

  fake_clock clock;
  memory_file_system disk;
};

TEST_F(index_of_a_later_version, survives_compactions_beside_others) {
  {
    test_database db(disk, clock);
    db->create_index("mine", {.order = {by_int()}, .persistent = true});
    db->compact();
    db->compact();
  }
  EXPECT_TRUE(file_has(disk, definition_by_a_later_version()));
  {
    test_database db(disk, clock);
    EXPECT_EQ(db->begin_read().indexes(), strings{"mine"});
    EXPECT_EQ(db->get("a"), "1");
    db->drop_index("mine");
    db->compact();
  }
  EXPECT_TRUE(is_told());
}

TEST_F(index_of_a_later_version, survives_a_copy) {
  std::stringstream copy;
  test_database(disk, clock)->save(copy);
  memory_file_system other;
  {
    test_database db(other, clock);
    db->load(copy);
    db->compact();
  }
  EXPECT_TRUE(file_has(other, definition_by_a_later_version()));
}

TEST_F(index_of_a_later_version, is_forgotten_when_it_is_dropped) {
  {
    test_database db(disk, clock);
    EXPECT_FALSE(db->drop_index("other"));
    EXPECT_TRUE(db->drop_index("later"));
    EXPECT_FALSE(db->drop_index("later"));
  }
  EXPECT_FALSE(is_told());
  test_database(disk, clock)->compact();
  EXPECT_FALSE(file_has(disk, definition_by_a_later_version()));
}

TEST_F(index_of_a_later_version, is_replaced_by_one_of_its_name) {
  test_database(disk, clock)->create_index("later", {.persistent = true});
  EXPECT_FALSE(is_told());
  {
    test_database db(disk, clock);
    EXPECT_EQ(db->begin_read().indexes(), strings{"later"});
    db->compact();
  }
  EXPECT_FALSE(file_has(disk, definition_by_a_later_version()));
}

TEST_F(index_of_a_later_version, stays_beside_one_of_its_name_that_is_not_persistent) {
  {
    test_database db(disk, clock);
    db->create_index("later", {});
    db->compact();
    EXPECT_TRUE(db->drop_index("later"));
  }
  EXPECT_TRUE(is_told());
}

TEST_F(index_of_a_later_version, stays_if_dropping_it_is_rolled_back) {
  {
    test_database db(disk, clock);
    transaction tx = db->begin();
    tx.drop_index("later");
    tx.rollback();
    db->compact();
  }
  EXPECT_TRUE(is_told());
}

TEST_F(index_of_a_later_version, whose_name_cannot_be_read_survives_too) {
  const std::string malformed = std::string("\0bunt:index+", 12) + "99:a";
  append_to_file(disk, malformed);
  test_database(disk, clock)->compact();
  EXPECT_TRUE(file_has(disk, malformed));
  EXPECT_TRUE(file_has(disk, definition_by_a_later_version()));
}

TEST(kept_index, that_is_unique_is_tried_again_at_the_next_open) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("numbers", {.order = {by_int()}, .unique = true, .persistent = true});
    db->set("a", "1");
  }
  std::string written_by_another = disk.content(test_database::path);
  log::append_set(written_by_another, "b", "1");
  disk.put(test_database::path, written_by_another);
  {
    test_database db(disk, clock);
    EXPECT_TRUE(db->begin_read().indexes().empty());
    db->compact();
    db->erase("b");
  }
  EXPECT_EQ(test_database(disk, clock)->begin_read().indexes(), strings{"numbers"});
}

TEST(kept_index, of_a_version_that_never_becomes_visible_is_given_up) {
  for (int what = 0; what < 4; ++what) {
    fake_clock clock;
    memory_file_system disk;
    test_database db(disk, clock, sync_policy::always);
    db->create_index("a", {.order = {by_int()}, .persistent = true});
    db->create_spatial_index("map", {});
    db->update([](transaction& tx) {
      for (int i = 0; i < 200; ++i)
        tx.set(std::to_string(i), "[" + std::to_string(i) + " 1]");
    });
    disk.fail_nth(1, EIO, testing::io_call::sync);
    EXPECT_EQ(code_of([&] {
                switch (what) {
                  case 0:
                    db->create_index("b", {.order = {by_string()}, .persistent = true});
                    break;
                  case 1:
                    db->create_spatial_index("b", {.persistent = true});
                    break;
                  case 2:
                    db->create_index("a", {.order = {desc(by_string())},
                                           .persistent = true,
                                           .if_exists = existing_index::replace});
                    break;
                  default:
                    db->update([](transaction& tx) {
                      tx.set("1", "[2 2]");
                      for ([[maybe_unused]] const auto item : tx.nearby("map", "[1 1]"))
                        tx.set("2", "[3 3]");
                      tx.drop_index("map");
                      tx.clear();
                      tx.create_spatial_index("b", {});
                      tx.set("3", "[4 4]");
                    });
                }
              }),
              errc::writes_stopped);
    EXPECT_EQ(db->begin_read().indexes(), (strings{"a", "map"}));
    const snapshot view = db->begin_read();
    EXPECT_EQ(keys(view.ascend("a")).size(), 200U);
    EXPECT_EQ(code_of([&] { db->create_index("c", {}); }), errc::writes_stopped);
  }
}

TEST(kept_index, is_refused_where_nothing_can_be_written) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("a", {.order = {by_int()}, .persistent = true});
    db->set("k", "1");
    transaction tx = db->begin();
    std::istringstream nothing;
    EXPECT_EQ(code_of([&] { db->create_index("b", {}); }), errc::nested_transaction);
    EXPECT_EQ(
        code_of([&] { db->create_spatial_index("b", {.if_exists = existing_index::replace}); }),
        errc::nested_transaction);
    EXPECT_EQ(code_of([&] { db->drop_index("a"); }), errc::nested_transaction);
    EXPECT_EQ(code_of([&] { db->load(nothing); }), errc::nested_transaction);
    tx.rollback();
    EXPECT_EQ(code_of([&] { tx.create_index("b", {}); }), errc::transaction_ended);
    EXPECT_EQ(code_of([&] { tx.drop_index("a"); }), errc::transaction_ended);
    EXPECT_EQ(code_of([&] { tx.clear(); }), errc::transaction_ended);
    EXPECT_EQ(code_of([&] { static_cast<void>(tx.indexes()); }), errc::transaction_ended);
    const snapshot view = db->begin_read();
    db->close();
    std::ostringstream out;
    EXPECT_EQ(code_of([&] { db->create_index("b", {}); }), errc::closed);
    EXPECT_EQ(code_of([&] { db->drop_index("a"); }), errc::closed);
    EXPECT_EQ(code_of([&] { db->save(out); }), errc::closed);
    EXPECT_EQ(code_of([&] { db->load(nothing); }), errc::closed);
    EXPECT_EQ(keys(view.ascend("a")), strings{"k"});
  }
  database db =
      engine::database_access::open(disk, test_database::path, {.read_only = true}, false);
  std::istringstream nothing;
  std::ostringstream out;
  EXPECT_EQ(code_of([&] { db.create_index("b", {}); }), errc::read_only);
  EXPECT_EQ(code_of([&] { db.drop_index("a"); }), errc::read_only);
  EXPECT_EQ(code_of([&] { db.load(nothing); }), errc::read_only);
  const snapshot view = db.begin_read();
  EXPECT_EQ(keys(view.ascend("a")), strings{"k"});
  db.save(out);
  EXPECT_FALSE(out.str().empty());
}

}  // namespace
}  // namespace buntdb
