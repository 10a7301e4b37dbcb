#include <algorithm>
#include <atomic>
#include <cerrno>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <buntdb/match.hpp>

#include "log/batch.hpp"
#include "log/encode.hpp"
#include "support/code_of.hpp"
#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;
using strings = std::vector<std::string>;

strings keys(range items) {
  strings found;
  for (const auto [key, value] : items)
    found.emplace_back(key);
  return found;
}

class Index : public ::testing::Test {
 protected:
  void set_ages() {
    db_->update([](transaction& tx) {
      tx.set("age:ann", "30");
      tx.set("age:bob", "7");
      tx.set("age:cid", "100");
      tx.set("age:dan", "30");
      tx.set("name:ann", "Ann");
    });
  }
  strings ascend(std::string_view index, const bounds& limits = {}) {
    return keys(view_.emplace(db_->begin_read()).ascend(index, limits));
  }
  strings descend(std::string_view index, const bounds& limits = {}) {
    return keys(view_.emplace(db_->begin_read()).descend(index, limits));
  }

  fake_clock clock_;
  test_database db_{clock_};
  std::optional<snapshot> view_;
};

TEST_F(Index, holds_what_was_there_and_what_comes) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  EXPECT_EQ(ascend("ages"), (strings{"age:bob", "age:ann", "age:dan", "age:cid"}));
  db_->set("age:eve", "8");
  db_->set("age:ann", "101");
  db_->erase("age:dan");
  EXPECT_EQ(ascend("ages"), (strings{"age:bob", "age:eve", "age:cid", "age:ann"}));
  EXPECT_EQ(descend("ages"), (strings{"age:ann", "age:cid", "age:eve", "age:bob"}));
}

TEST_F(Index, takes_bounds_that_are_values) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  EXPECT_EQ(ascend("ages", {.at_least = "30"}), (strings{"age:ann", "age:dan", "age:cid"}));
  EXPECT_EQ(ascend("ages", {.greater_than = "30"}), (strings{"age:cid"}));
  EXPECT_EQ(ascend("ages", {.less_than = "30"}), (strings{"age:bob"}));
  EXPECT_EQ(ascend("ages", {.at_most = "30"}), (strings{"age:bob", "age:ann", "age:dan"}));
  EXPECT_EQ(descend("ages", {.at_most = "30"}), (strings{"age:dan", "age:ann", "age:bob"}));
  EXPECT_EQ(descend("ages", {.less_than = "30"}), (strings{"age:bob"}));
  EXPECT_EQ(descend("ages", {.greater_than = "30"}), (strings{"age:cid"}));
  EXPECT_EQ(ascend("ages", {.at_least = "8", .less_than = "100"}), (strings{"age:ann", "age:dan"}));
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.equal("ages", "30")), (strings{"age:ann", "age:dan"}));
  EXPECT_EQ(keys(view.equal("ages", "31")), strings{});
  EXPECT_EQ(keys(view.equal("", "age:bob")), (strings{"age:bob"}));
}

TEST_F(Index, goes_by_several_orderings_down_and_up) {
  set_ages();
  db_->create_index("down", {.pattern = "age:*", .order = {desc(by_int()), desc(by_key())}});
  EXPECT_EQ(ascend("down"), (strings{"age:cid", "age:dan", "age:ann", "age:bob"}));
  db_->create_index("parts", {.order = {by_key_part(":", 1), by_key_part(":", 0)}});
  EXPECT_EQ(ascend("parts"), (strings{"age:ann", "name:ann", "age:bob", "age:cid", "age:dan"}));
  db_->create_index("plain", {.pattern = "*:ann"});
  EXPECT_EQ(ascend("plain"), (strings{"age:ann", "name:ann"}));
}

TEST_F(Index, evaluates_a_path_of_json) {
  db_->set("p:1", R"({"name":{"last":"Smith"},"age":40})");
  db_->set("p:2", R"({"name":{"last":"adams"},"age":30})");
  db_->set("p:3", R"({"age":20})");
  db_->create_index("last", {.pattern = "p:*", .order = {by_json("name.last")}});
  db_->create_index("sparse", {.pattern = "p:*", .order = {by_json("name.last")}, .sparse = true});
  EXPECT_EQ(ascend("last"), (strings{"p:3", "p:2", "p:1"}));
  EXPECT_EQ(ascend("sparse"), (strings{"p:2", "p:1"}));
  db_->set("p:1", R"({"age":41})");
  db_->set("p:3", R"({"name":{"last":"Zoe"}})");
  EXPECT_EQ(ascend("sparse"), (strings{"p:2", "p:3"}));
  EXPECT_EQ(code_of([&] { db_->create_index("bad", {.order = {by_json("a.#(b")}}); }),
            errc::invalid_argument);
}

TEST_F(Index, says_what_is_wrong_with_a_name) {
  db_->create_index("ages", {});
  db_->create_spatial_index("places", {});
  EXPECT_EQ(code_of([&] { db_->create_index("ages", {}); }), errc::index_exists);
  EXPECT_EQ(code_of([&] { db_->create_spatial_index("ages", {}); }), errc::index_exists);
  EXPECT_EQ(code_of([&] { db_->create_index("", {}); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { ascend("nope"); }), errc::index_not_found);
  EXPECT_EQ(code_of([&] { ascend("places"); }), errc::wrong_index_kind);
  EXPECT_EQ(code_of([&] { db_->begin_read().indexes(), view_->nearby("ages", "[1 2]"); }),
            errc::wrong_index_kind);
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"ages", "places"}));
  EXPECT_TRUE(db_->drop_index("ages"));
  EXPECT_FALSE(db_->drop_index("ages"));
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"places"}));
  db_->replace_index("places", {.order = {by_int()}});
  EXPECT_FALSE(db_->begin_read().index("places")->spatial);
  EXPECT_EQ(db_->begin_read().index("nope"), std::nullopt);
}

TEST_F(Index, compares_and_reads_rectangles_outside_an_iteration) {
  db_->create_index("ages", {.order = {desc(by_int())}});
  db_->create_spatial_index("places", {});
  const index_info ages = *db_->begin_read().index("ages");
  EXPECT_TRUE(ages.less({"a", "9"}, {"b", "8"}));
  EXPECT_FALSE(ages.less({"a", "8"}, {"b", "8"}));
  const index_info places = *db_->begin_read().index("places");
  EXPECT_EQ(places.rect_of("[1 2]"), point({1, 2}));
  EXPECT_EQ(code_of([&] { static_cast<void>(places.less({}, {})); }), errc::wrong_index_kind);
}

TEST_F(Index, is_rolled_back_with_its_transaction) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  transaction tx = db_->begin();
  tx.set("age:ann", "1");
  tx.create_index("more", {});
  tx.drop_index("ages");
  EXPECT_EQ(tx.indexes(), (strings{"more"}));
  tx.create_index("ages", {.pattern = "age:*", .order = {desc(by_int())}});
  EXPECT_EQ(keys(tx.ascend("ages")), (strings{"age:cid", "age:dan", "age:bob", "age:ann"}));
  tx.rollback();
  EXPECT_EQ(ascend("ages"), (strings{"age:bob", "age:ann", "age:dan", "age:cid"}));
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"ages"}));
}

TEST_F(Index, stays_as_it_was_for_a_snapshot) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  const snapshot before = db_->begin_read();
  db_->set("age:bob", "1000");
  db_->drop_index("ages");
  db_->update([](transaction& tx) { tx.clear(); });
  db_.reclaim();
  EXPECT_EQ(keys(before.ascend("ages")), (strings{"age:bob", "age:ann", "age:dan", "age:cid"}));
}

TEST_F(Index, is_emptied_and_kept_by_clear) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  db_->update([](transaction& tx) {
    tx.set("age:new", "1");
    tx.clear();
    EXPECT_EQ(tx.size(), 0U);
    tx.set("age:newer", "2");
    tx.create_index("later", {});
    tx.clear();
    EXPECT_EQ(tx.indexes(), (strings{"ages", "later"}));
    tx.set("age:last", "3");
  });
  EXPECT_EQ(ascend("ages"), (strings{"age:last"}));
  EXPECT_EQ(ascend("later"), (strings{"age:last"}));
}

TEST_F(Index, leaves_out_what_has_expired) {
  db_->create_index("ages", {.order = {by_int()}});
  db_->set("a", "1", {.ttl = 1s});
  db_->set("b", "2");
  clock_.advance(1s);
  EXPECT_EQ(ascend("ages"), (strings{"b"}));
  db_.sweep();
  EXPECT_EQ(ascend("ages"), (strings{"b"}));
}

TEST_F(Index, goes_on_behind_the_last_place_when_changed_on_the_way) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  db_->update([](transaction& tx) {
    strings met;
    for (const auto [key, value] : tx.ascend("ages")) {
      const std::string here(key);
      met.push_back(here + "=" + std::string(value));
      if (value == "7") tx.set(here, "50");  // moves ahead: met again
      if (here == "age:ann") tx.erase("age:dan");
    }
    EXPECT_EQ(met, (strings{"age:bob=7", "age:ann=30", "age:bob=50", "age:cid=100"}));
    for (const auto [key, value] : tx.ascend("ages")) {
      tx.drop_index("ages");
      EXPECT_EQ(key, "age:ann");
      EXPECT_EQ(value, "30");
    }
  });
}

TEST_F(Index, dooms_a_transaction_whose_ordering_throws) {
  set_ages();
  bool throws = false;
  db_->create_index("own", {.order = {ordering([&](std::string_view a, std::string_view b) {
                              if (throws) throw std::runtime_error("no");
                              return a < b;
                            })}});
  throws = true;
  EXPECT_THROW(db_->set("age:ann", "31"), std::runtime_error);
  transaction tx = db_->begin();
  EXPECT_THROW(tx.erase("age:bob"), std::runtime_error);
  EXPECT_EQ(code_of([&] { tx.commit(); }), errc::transaction_ended);
  EXPECT_THROW(db_->create_index(
                   "other", {.order = {ordering([](std::string_view, std::string_view) -> bool {
                               throw std::runtime_error("never");
                             })}}),
               std::runtime_error);
  throws = false;
  EXPECT_EQ(db_->get("age:ann"), "30");
  EXPECT_EQ(ascend("own").size(), 5U);
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"own"}));
}

TEST_F(Index, has_no_dangling_entry_of_an_ordering_that_contradicts_itself) {
  std::mt19937 random(7);
  db_->create_index(
      "mad",
      {.order = {ordering([&](std::string_view, std::string_view) { return random() % 2 == 0; })}});
  db_->create_spatial_index("lost", {.rect_of = [&](std::string_view) -> std::optional<rect> {
                              if (random() % 3 == 0) return std::nullopt;
                              return point({double(random() % 9), double(random() % 9)});
                            }});
  std::set<std::string> there;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = std::to_string(random() % 150);
    if (random() % 2 == 0) {
      db_->set(key, std::to_string(random()));
      there.insert(key);
    } else {
      db_->erase(key);
      there.erase(key);
    }
    if (i % 16 == 0) db_.reclaim();
  }
  strings found = ascend("mad");
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, strings(there.begin(), there.end()));
  for (const std::string& key : there)
    db_->erase(key);
  EXPECT_EQ(ascend("mad"), strings{});
  for (const auto [key, value] : view_->intersects("lost", rect({-1, -1}, {10, 10})))
    ADD_FAILURE() << key << " is left";
}

// The same sort key for the old value and the new one, but another than the entry was made with.
TEST_F(Index, has_no_dangling_entry_of_a_sort_key_that_contradicts_itself) {
  std::mt19937 random(7);
  db_->create_index("mad", {.order = {by_sort_key([&](std::string_view, std::string& out) {
                              out += static_cast<char>('a' + random() % 3);
                            })}});
  std::set<std::string> there;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = std::to_string(random() % 150);
    db_->set(key, std::to_string(random()));
    there.insert(key);
    if (i % 16 == 0) db_.reclaim();
  }
  strings found = ascend("mad");
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, strings(there.begin(), there.end()));
}

TEST_F(Index, ends_a_range_whose_ordering_throws) {
  set_ages();
  bool throws = false;
  db_->create_index("own", {.order = {ordering([&](std::string_view a, std::string_view b) {
                              if (throws) throw std::runtime_error("no");
                              return a < b;
                            })}});
  transaction tx = db_->begin();
  range entries = tx.ascend("own");
  auto at = entries.begin();
  const std::string first((*at).key);
  tx.erase(first);
  tx.erase("age:bob");
  throws = true;
  EXPECT_THROW(++at, std::runtime_error);
  EXPECT_TRUE(at == std::default_sentinel);
}

TEST_F(Index, keeps_no_other_item_from_expiring_if_its_ordering_throws) {
  bool throws = false;
  strings told;
  db_->change({.on_expired = [&](std::span<const expired_item> gone) {
    for (const expired_item& one : gone)
      told.push_back(one.key);
  }});
  db_->create_index("own", {.pattern = "bad*", .order = {by_sort_key([&](std::string_view, auto&) {
                                                 if (throws) throw 1;
                                               })}});
  for (const char* key : {"a", "bad", "bad too", "c"})
    db_->set(key, "1", {.ttl = 1s});
  clock_.advance(3s);
  throws = true;
  EXPECT_THROW(db_.sweep(), int);
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (strings{"a", "c"}));
  EXPECT_EQ(db_->begin_read().size(), 2U);
  throws = false;
  db_.sweep();
  EXPECT_EQ(told.size(), 4U);
  EXPECT_EQ(db_->begin_read().size(), 0U);
}

TEST(IndexInTheBackground, ends_no_thread_if_its_ordering_throws) {
  std::atomic<bool> throws{false};
  std::atomic<bool> reported{false};
  database db = database::in_memory({.on_event = [&](const event& told) {
    if (told.what == event::kind::background_failed) reported = true;
  }});
  db.create_index("own", {.order = {by_sort_key([&](std::string_view, std::string&) {
                            if (throws) throw 1;
                          })}});
  db.set("a", "1", {.ttl = 1ms});
  throws = true;
  for (int i = 0; i < 1000 && !reported; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(reported);
  throws = false;
  for (int i = 0; i < 1000 && db.begin_read().size() != 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(db.begin_read().size(), 0U);
}

TEST_F(Index, finds_keys_by_a_pattern_in_both_directions) {
  for (const char* key : {"user:1", "user:2", "user:20", "uzer:2", "us*r", "ü:1", "ü:2"})
    db_->set(key, "");
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.ascend_matching("user:?")), (strings{"user:1", "user:2"}));
  EXPECT_EQ(keys(view.descend_matching("user:2*")), (strings{"user:20", "user:2"}));
  EXPECT_EQ(keys(view.ascend_matching("us\\*r")), (strings{"us*r"}));
  EXPECT_EQ(keys(view.ascend_matching("ü:*")), (strings{"ü:1", "ü:2"}));
  EXPECT_EQ(keys(view.ascend_matching("?:1")), (strings{"ü:1"}));
  EXPECT_EQ(keys(view.ascend_matching("")), strings{});
  EXPECT_EQ(keys(view.ascend_matching("*")).size(), 7U);
  EXPECT_TRUE(matches("a?c*", "abcd"));
}

TEST_F(Index, is_spatial) {
  db_->create_spatial_index("fleet", {.pattern = "fleet:*:pos"});
  db_->update([](transaction& tx) {
    tx.set("fleet:0:pos", "[-115.567 33.532]");
    tx.set("fleet:1:pos", "[-116.671 35.735]");
    tx.set("fleet:2:pos", "[-113.902 31.234]", {.ttl = 1s});
    tx.set("fleet:3:pos", "nowhere");
    tx.set("other:2:pos", "[-113.902 31.234]");
  });
  const auto inside = [&](std::string_view area) {
    strings found;
    const snapshot view = db_->begin_read();
    for (const auto [key, value] : view.intersects("fleet", area))
      found.emplace_back(key);
    std::sort(found.begin(), found.end());
    return found;
  };
  EXPECT_EQ(inside("[-117 30],[-112 36]"), (strings{"fleet:0:pos", "fleet:1:pos", "fleet:2:pos"}));
  clock_.advance(1s);
  EXPECT_EQ(inside("[-inf 33],[+inf 34]"), (strings{"fleet:0:pos"}));
  EXPECT_EQ(inside("[-117 30],[-112 36]"), (strings{"fleet:0:pos", "fleet:1:pos"}));
  EXPECT_EQ(inside("[-117 30 0],[-112 33.6 1]"), (strings{"fleet:0:pos"}));
  EXPECT_EQ(code_of([&] { inside("here"); }), errc::invalid_argument);
  strings near;
  double last = -1;
  const snapshot view = db_->begin_read();
  for (const auto [key, value, distance] : view.nearby("fleet", "[-116 35]")) {
    near.emplace_back(key);
    EXPECT_GT(distance, last);
    last = distance;
  }
  EXPECT_EQ(near, (strings{"fleet:1:pos", "fleet:0:pos"}));
}

TEST_F(Index, gives_what_was_there_when_a_spatial_range_began) {
  db_->create_spatial_index("all", {});
  db_->update([](transaction& tx) {
    for (int i = 0; i < 300; ++i)
      tx.set("k" + std::to_string(i), "[" + std::to_string(i) + " 1]");
    std::set<std::string> met;
    for (const auto [key, value] : tx.intersects("all", "[-inf -inf],[+inf +inf]")) {
      const std::string here(key);
      EXPECT_TRUE(met.insert(here).second) << here;
      tx.set(here, "[5 5]");
      tx.erase("k" + std::to_string(300 - met.size()));
      tx.set("new" + here, "[1 1]");
    }
    EXPECT_EQ(met.size(), 300U);
    int count = 0;
    for ([[maybe_unused]] const auto item : tx.nearby("all", "[5 5]")) {
      if (++count == 1) tx.clear();
    }
    EXPECT_GT(count, 300);
    tx.set("a", "[1 1]");
  });
  transaction tx = db_->begin();
  for (const auto [key, value] : tx.intersects("all", "[1 1]")) {
    tx.erase(key);
    tx.drop_index("all");
    EXPECT_EQ(value, "[1 1]");
  }
  tx.rollback();
  EXPECT_EQ(db_->begin_read().indexes(), (strings{"all"}));
}

TEST_F(Index, frees_all_that_it_took) {
  const std::uint64_t before = db_->stats().memory_blocks;
  set_ages();
  db_->create_index("a", {.order = {by_string()}});
  db_->create_spatial_index("b", {});
  for (int i = 0; i < 2000; ++i)
    db_->set("k" + std::to_string(i % 500), "[" + std::to_string(i) + " 1]");
  db_->drop_index("a");
  db_->drop_index("b");
  db_->update([](transaction& tx) { tx.clear(); });
  db_.reclaim();
  const statistics after = db_->stats();
  EXPECT_EQ(after.items, 0U);
  EXPECT_LE(after.memory_blocks, before + 20);  // versions to use again
}

TEST(KeptIndex, comes_back_with_the_file_and_survives_a_shrink) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("ages",
                     {.pattern = "age:*", .order = {desc(by_int()), by_key()}, .keep = true});
    db->create_index("gone", {.keep = true});
    db->create_index("fleeting", {});
    db->create_spatial_index("places", {.pattern = "p:*", .ignore_case = true, .keep = true});
    db->set("age:ann", "30");
    db->set("age:bob", "40");
    db->set("P:1", "[1 2]");
    db->drop_index("gone");
    EXPECT_EQ(
        code_of([&] {
          db->create_index(
              "own",
              {.order = {ordering([](std::string_view a, std::string_view b) { return a < b; })},
               .keep = true});
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
    db->shrink();
  }
}

TEST(KeptIndex, is_written_down_whatever_is_in_its_name_and_pattern) {
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
      db->create_index(name, {.pattern = name + "*", .sparse = true, .keep = true});
      db->create_index("again " + name, {.order = {by_json("a." + name)}, .keep = true});
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

TEST(KeptIndex, of_a_later_version_is_left_out_and_reported) {
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
      if (told.what == event::kind::index_not_restored) events += told.message;
    }});
    std::istringstream copy(record(fields));
    db.load(copy);
    EXPECT_EQ(db.get("a"), "1") << fields;
    EXPECT_FALSE(events.empty()) << fields;
    EXPECT_TRUE(db.begin_read().indexes().empty()) << fields;
  }
}

TEST(KeptIndex, of_a_version_that_never_becomes_visible_is_given_up) {
  for (int what = 0; what < 4; ++what) {
    fake_clock clock;
    memory_file_system disk;
    test_database db(disk, clock, sync_policy::always);
    db->create_index("a", {.order = {by_int()}, .keep = true});
    db->create_spatial_index("map", {});
    db->update([](transaction& tx) {
      for (int i = 0; i < 200; ++i)
        tx.set(std::to_string(i), "[" + std::to_string(i) + " 1]");
    });
    disk.fail_nth(1, EIO, testing::io_call::sync);
    EXPECT_EQ(code_of([&] {
                switch (what) {
                  case 0:
                    db->create_index("b", {.order = {by_string()}, .keep = true});
                    break;
                  case 1:
                    db->create_spatial_index("b", {.keep = true});
                    break;
                  case 2:
                    db->replace_index("a", {.order = {desc(by_string())}, .keep = true});
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
              errc::failed);
    EXPECT_EQ(db->begin_read().indexes(), (strings{"a", "map"}));
    const snapshot view = db->begin_read();
    EXPECT_EQ(keys(view.ascend("a")).size(), 200U);
    EXPECT_EQ(code_of([&] { db->create_index("c", {}); }), errc::failed);
  }
}

TEST(KeptIndex, is_refused_where_nothing_can_be_written) {
  fake_clock clock;
  memory_file_system disk;
  {
    test_database db(disk, clock);
    db->create_index("a", {.order = {by_int()}, .keep = true});
    db->set("k", "1");
    transaction tx = db->begin();
    std::istringstream nothing;
    EXPECT_EQ(code_of([&] { db->create_index("b", {}); }), errc::nested_transaction);
    EXPECT_EQ(code_of([&] { db->replace_spatial_index("b", {}); }), errc::nested_transaction);
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

TEST(IndexBuilding, stops_nobody_and_misses_nothing) {
  database db = database::in_memory();
  constexpr int count = 10'000;
  db.update([](transaction& tx) {
    for (int i = 0; i < count; ++i)
      tx.set(std::to_string(i), std::to_string(i * 7919 % count));
  });
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    std::mt19937 random(1);
    while (!stop) {
      const std::string key = std::to_string(random() % (count + 1000));
      random() % 4 == 0 ? void(db.erase(key)) : db.set(key, std::to_string(random() % count));
    }
  });
  for (int round = 0; round < 3; ++round) {
    db.create_index("by int", {.order = {by_int()}});
    db.create_index(
        "own", {.order = {ordering([](std::string_view a, std::string_view b) { return a < b; })}});
    db.create_spatial_index("map", {.rect_of = [](std::string_view value) -> std::optional<rect> {
                              return point({double(value.size()), 1});
                            }});
    const snapshot view = db.begin_read();
    std::size_t items = 0;
    for ([[maybe_unused]] const auto item : view.ascend())
      ++items;
    const auto ordered = [&](std::string_view index) {
      std::size_t found = 0;
      std::string last;
      for (const auto item : view.ascend(index)) {
        EXPECT_EQ(view.get(item.key), item.value);
        if (found++ != 0) {
          EXPECT_FALSE(view.index(index)->less(item, {{}, last}));
        }
        last = item.value;
      }
      return found;
    };
    EXPECT_EQ(ordered("by int"), items);
    EXPECT_EQ(ordered("own"), items);
    std::size_t placed = 0;
    for (const auto item : view.intersects("map", rect({0, 0}, {9, 9}))) {
      EXPECT_EQ(view.get(item.key), item.value);
      ++placed;
    }
    EXPECT_EQ(placed, items);
    for (const char* name : {"by int", "own", "map"})
      EXPECT_TRUE(db.drop_index(name));
  }
  stop = true;
  writer.join();
}

TEST(IndexReading, sees_whole_versions_while_indexes_change_and_come_and_go) {
  const auto number_of = [](std::string_view value) { return std::stoi(std::string(value)); };
  const index_options by_number{.order = {by_int()}};
  const index_options own{.order = {ordering([&](std::string_view a, std::string_view b) {
                            return number_of(a) < number_of(b);
                          })}};
  const spatial_index_options map{.rect_of = [&](std::string_view value) -> std::optional<rect> {
    return point({double(number_of(value)), 1});
  }};
  database db = database::in_memory();
  db.create_index("by number", by_number);
  db.create_index("own", own);
  db.create_spatial_index("map", map);
  std::atomic<bool> stop{false};
  std::atomic<int> looked{0};
  const auto read = [&] {
    while (!stop) {
      const snapshot view = db.begin_read();
      for (const std::string& name : view.indexes()) {
        std::size_t found = 0;
        if (name == "map") {
          for (const auto item : view.intersects(name, rect({-1e9}, {1e9}))) {
            EXPECT_EQ(view.get(item.key), item.value);
            ++found;
          }
          double last = 0;
          for (const auto item : view.nearby(name, point({50, 1}))) {
            EXPECT_GE(item.distance, last);
            last = item.distance;
          }
        } else {
          int last = -1;
          for (const auto item : view.ascend(name)) {
            EXPECT_EQ(view.get(item.key), item.value);
            EXPECT_GE(number_of(item.value), last);
            last = number_of(item.value);
            ++found;
          }
        }
        EXPECT_EQ(found, view.size()) << name;
        ++looked;
      }
    }
  };
  std::thread first(read);
  std::thread second(read);
  std::mt19937 random(1);
  const auto key = [&] { return std::to_string(random() % 300); };
  const auto value = [&] { return std::to_string(random() % 100); };
  for (int i = 0; i < 1500 || looked < 100; ++i) {
    switch (random() % 40) {
      case 0:
        db.replace_index("by number", by_number);
        break;
      case 1:
        db.update([&](transaction& tx) {
          tx.drop_index("own");
          tx.set(key(), value());
          tx.replace_spatial_index("map", map);
        });
        break;
      case 2:
        db.replace_index("own", own);
        break;
      case 3:
        db.replace_spatial_index("map", map);
        break;
      case 4:
        if (random() % 5 == 0) db.update([](transaction& tx) { tx.clear(); });
        break;
      case 5: {
        transaction tx = db.begin();  // rolled back
        for ([[maybe_unused]] const auto item : tx.nearby("map", point({1, 1})))
          tx.set(key(), value());
        tx.drop_index("map");
        break;
      }
      default:
        db.update([&](transaction& tx) {
          for (int n = 0; n < 5; ++n)
            random() % 4 == 0 ? void(tx.erase(key())) : void(tx.set(key(), value()));
        });
    }
  }
  stop = true;
  first.join();
  second.join();
}

}  // namespace
}  // namespace buntdb
