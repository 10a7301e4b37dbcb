#include <string>

#include <gtest/gtest.h>

#include <buntdb/match.hpp>

#include "api/index_fixture.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::code_of;
using testing::fake_clock;
using testing::keys;
using testing::strings;
using testing::test_database;

class ordered_index : public testing::index_fixture {};

TEST_F(ordered_index, holds_what_was_there_and_what_comes) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  EXPECT_EQ(ascend("ages"), (strings{"age:bob", "age:ann", "age:dan", "age:cid"}));
  db_->set("age:eve", "8");
  db_->set("age:ann", "101");
  db_->erase("age:dan");
  EXPECT_EQ(ascend("ages"), (strings{"age:bob", "age:eve", "age:cid", "age:ann"}));
  EXPECT_EQ(descend("ages"), (strings{"age:ann", "age:cid", "age:eve", "age:bob"}));
}

TEST_F(ordered_index, takes_bounds_that_are_values) {
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

TEST_F(ordered_index, goes_by_several_orderings_down_and_up) {
  set_ages();
  db_->create_index("down", {.pattern = "age:*", .order = {desc(by_int()), desc(by_key())}});
  EXPECT_EQ(ascend("down"), (strings{"age:cid", "age:dan", "age:ann", "age:bob"}));
  db_->create_index("parts", {.order = {by_key_part(":", 1), by_key_part(":", 0)}});
  EXPECT_EQ(ascend("parts"), (strings{"age:ann", "name:ann", "age:bob", "age:cid", "age:dan"}));
  db_->create_index("plain", {.pattern = "*:ann"});
  EXPECT_EQ(ascend("plain"), (strings{"age:ann", "name:ann"}));
}

TEST_F(ordered_index, evaluates_a_path_of_json) {
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

TEST_F(ordered_index, says_what_is_wrong_with_a_name) {
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
  db_->create_index("places", {.order = {by_int()}, .if_exists = existing_index::replace});
  EXPECT_FALSE(db_->begin_read().index("places")->spatial);
  EXPECT_EQ(db_->begin_read().index("nope"), std::nullopt);
}

TEST_F(ordered_index, compares_and_reads_rectangles_outside_an_iteration) {
  db_->create_index("ages", {.order = {desc(by_int())}});
  db_->create_spatial_index("places", {});
  const index_info ages = *db_->begin_read().index("ages");
  EXPECT_TRUE(ages.less({"a", "9"}, {"b", "8"}));
  EXPECT_FALSE(ages.less({"a", "8"}, {"b", "8"}));
  const index_info places = *db_->begin_read().index("places");
  EXPECT_EQ(places.extract_rect("[1 2]"), point({1, 2}));
  EXPECT_EQ(code_of([&] { static_cast<void>(places.less({}, {})); }), errc::wrong_index_kind);
}

TEST_F(ordered_index, is_rolled_back_with_its_transaction) {
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

TEST_F(ordered_index, stays_as_it_was_for_a_snapshot) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  const snapshot before = db_->begin_read();
  db_->set("age:bob", "1000");
  db_->drop_index("ages");
  db_->update([](transaction& tx) { tx.clear(); });
  db_.reclaim();
  EXPECT_EQ(keys(before.ascend("ages")), (strings{"age:bob", "age:ann", "age:dan", "age:cid"}));
}

TEST_F(ordered_index, is_emptied_and_kept_by_clear) {
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

TEST_F(ordered_index, leaves_out_what_has_expired) {
  db_->create_index("ages", {.order = {by_int()}});
  db_->set("a", "1", {.ttl = 1s});
  db_->set("b", "2");
  clock_.advance(1s);
  EXPECT_EQ(ascend("ages"), (strings{"b"}));
  db_.sweep();
  EXPECT_EQ(ascend("ages"), (strings{"b"}));
}

TEST_F(ordered_index, goes_on_behind_the_last_place_when_changed_on_the_way) {
  set_ages();
  db_->create_index("ages", {.pattern = "age:*", .order = {by_int()}});
  db_->update([](transaction& tx) {
    strings met;
    for (const auto [key, value] : tx.ascend("ages")) {
      const std::string here(key);
      met.push_back(here + "=" + std::string(value));
      if (value == "7") tx.set(here, "50");  // moves ahead: returned again
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

TEST_F(ordered_index, finds_keys_by_a_pattern_in_both_directions) {
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

TEST_F(ordered_index, frees_all_that_it_took) {
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
  EXPECT_LE(after.memory_blocks, before + 20);  // versions to reuse
}

// --- without sort keys ---

/// Returns the memory that an index of items with such values takes for each item.
double memory_per_item(bool keep_sort_keys) {
  fake_clock clock;
  test_database db{clock};
  constexpr int items = 10'000;
  for (int i = 0; i < items; ++i)
    db->set("item:" + std::to_string(i), R"({"user":"person-)" + std::to_string(i % 999) + "\"}");
  const std::uint64_t before = db->stats().memory_bytes;
  db->create_index("users", {.order = {by_json("user")}, .keep_sort_keys = keep_sort_keys});
  for (int i = 0; i < items; ++i)
    db->set("item:" + std::to_string(i), R"({"user":"person-)" + std::to_string(i % 998) + "\"}");
  return static_cast<double>(db->stats().memory_bytes - before) / items;
}

class index_without_sort_keys : public testing::index_fixture {};

TEST_F(index_without_sort_keys, takes_a_place_in_the_tree_and_no_more) {
  EXPECT_LT(memory_per_item(false), 40);
  EXPECT_GT(memory_per_item(true), memory_per_item(false) + 30);
}

TEST_F(index_without_sort_keys, answers_as_one_with_them) {
  set_ages();
  for (const bool keep : {true, false}) {
    const std::string name = keep ? "kept" : "computed";
    db_->create_index(name, {.pattern = "age:*",
                             .order = {desc(by_int()), by_key_part(":", 1)},
                             .keep_sort_keys = keep});
    EXPECT_EQ(view_.emplace(db_->begin_read()).index(name)->keep_sort_keys, keep);
  }
  const auto expect_equal = [&] {
    EXPECT_EQ(ascend("computed"), ascend("kept"));
    EXPECT_EQ(descend("computed"), descend("kept"));
    EXPECT_EQ(ascend("computed", {.at_least = "30"}), ascend("kept", {.at_least = "30"}));
    EXPECT_EQ(descend("computed", {.less_than = "30"}), descend("kept", {.less_than = "30"}));
  };
  expect_equal();
  EXPECT_EQ(ascend("computed"), (strings{"age:cid", "age:ann", "age:dan", "age:bob"}));
  db_->set("age:ann", "31");                 // it gets another place
  db_->set("age:bob", "7", {.ttl = 3600s});  // it stays in its place, but it is another item
  db_->erase("age:cid");
  expect_equal();
  db_->update([&](transaction& tx) {  // an iteration that continues after changes
    std::string met;
    for (const auto [key, value] : tx.ascend("computed")) {
      met += key.substr(4);
      tx.set(key, value == "31" ? "29" : "1000");
      if (met.size() > 60) break;
    }
    EXPECT_EQ(met, "anndanannbob");
  });
  expect_equal();
}

TEST_F(index_without_sort_keys, refuses_functions_that_compare) {
  EXPECT_EQ(code_of([&] {
              db_->create_index("own", {.order = {by_custom([](const entry& a, const entry& b) {
                                          return a.value < b.value;
                                        })},
                                        .keep_sort_keys = false});
            }),
            errc::invalid_argument);
}

TEST_F(index_without_sort_keys, is_dropped_and_replaced_while_a_snapshot_reads_it) {
  set_ages();
  const index_options options{.pattern = "age:*", .order = {by_int()}, .keep_sort_keys = false};
  db_->create_index("ages", options);
  const snapshot before = db_->begin_read();
  db_->set("age:eve", "1");
  db_->create_index(
      "ages", {.pattern = "age:*", .order = {by_int()}, .if_exists = existing_index::replace});
  EXPECT_EQ(ascend("ages"), (strings{"age:eve", "age:bob", "age:ann", "age:dan", "age:cid"}));
  EXPECT_TRUE(db_->drop_index("ages"));
  db_->update([](transaction& tx) { tx.clear(); });
  EXPECT_EQ(testing::keys(before.ascend("ages")),
            (strings{"age:bob", "age:ann", "age:dan", "age:cid"}));
}

}  // namespace
}  // namespace buntdb
