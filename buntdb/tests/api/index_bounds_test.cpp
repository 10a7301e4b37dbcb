#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "api/index_fixture.hpp"
#include "support/code_of.hpp"

namespace buntdb {
namespace {

using testing::code_of;
using testing::keys;
using testing::strings;

/// To-do items of two people, ordered by owner and then by due day.
class index_bounds : public testing::index_fixture {
 protected:
  index_bounds() {
    db_->update([](transaction& tx) {
      tx.set("todo:ann:1", R"({"due":"2030-02-01","done":false})");
      tx.set("todo:ann:2", R"({"due":"2030-01-15","done":true})");
      tx.set("todo:ann:3", R"({"due":"2030-01-20","done":false})");
      tx.set("todo:ann:4", R"({"done":false})");
      tx.set("todo:anna:5", R"({"due":"2030-01-16"})");
      tx.set("todo:bob:6", R"({"due":"2030-01-15"})");
    });
    db_->create_index("due", {.pattern = "todo:*", .order = {by_key_part(":", 1), by_json("due")}});
  }
  bool refuses(std::string_view index, const bounds& limits) {
    return code_of([&] { ascend(index, limits); }) == errc::invalid_argument;
  }
};

TEST_F(index_bounds, refuses_a_value_where_the_index_goes_by_keys_first) {
  const std::string value = R"({"due":"2030-01-15"})";
  EXPECT_TRUE(refuses("due", {.at_least = value}));
  EXPECT_TRUE(refuses("due", {.less_than = value}));
  db_->create_index("by key", {});
  EXPECT_TRUE(refuses("by key", {.at_most = "todo:ann:2"}));
  db_->create_index("custom", {.order = {ordering([](std::string_view a, std::string_view b) {
                                           return a.size() < b.size();
                                         }),
                                         by_key()}});
  EXPECT_TRUE(refuses("custom", {.at_least = value}));
  EXPECT_TRUE(refuses("custom", first_parts("x")));
  try {
    ascend("due", {.at_least = value});
  } catch (const error& refused) {
    EXPECT_NE(std::string(refused.what()).find("'due'"), std::string::npos) << refused.what();
    EXPECT_NE(std::string(refused.what()).find("first_parts"), std::string::npos);
  }
}

TEST_F(index_bounds, selects_by_the_leading_orderings) {
  EXPECT_EQ(ascend("due", first_parts("ann")),
            (strings{"todo:ann:4", "todo:ann:2", "todo:ann:3", "todo:ann:1"}));
  EXPECT_EQ(descend("due", first_parts("bob")), (strings{"todo:bob:6"}));
  EXPECT_EQ(ascend("due", first_parts("ann", "2030-01-15")), (strings{"todo:ann:2"}));
  EXPECT_EQ(ascend("due", first_parts("eve")), strings{});
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.equal("due", first_parts("anna"))), (strings{"todo:anna:5"}));
}

TEST_F(index_bounds, takes_parts_for_each_bound) {
  const first_parts middle("ann", "2030-01-20");
  const first_parts ann("ann");
  EXPECT_EQ(ascend("due", {.at_least = middle, .at_most = ann}),
            (strings{"todo:ann:3", "todo:ann:1"}));
  EXPECT_EQ(ascend("due", {.at_least = ann, .less_than = middle}),
            (strings{"todo:ann:4", "todo:ann:2"}));
  EXPECT_EQ(descend("due", {.greater_than = middle, .at_most = ann}), (strings{"todo:ann:1"}));
  EXPECT_EQ(ascend("due", {.greater_than = ann}), (strings{"todo:anna:5", "todo:bob:6"}));
  EXPECT_EQ(ascend("due", {.less_than = ann}), strings{});
  EXPECT_EQ(descend("due", {.at_most = first_parts("anna")}),
            (strings{"todo:anna:5", "todo:ann:1", "todo:ann:3", "todo:ann:2", "todo:ann:4"}));
}

TEST_F(index_bounds, takes_a_prefix_of_the_last_part) {
  EXPECT_EQ(ascend("due", {.prefix = first_parts("ann", "2030-01")}),
            (strings{"todo:ann:2", "todo:ann:3"}));
  EXPECT_EQ(descend("due", {.prefix = "an"}).size(), 5U);
  EXPECT_EQ(ascend("due", {.greater_than = first_parts("ann", "2030-01-15"),
                           .prefix = first_parts("ann", "2030-01")}),
            (strings{"todo:ann:3"}));
  EXPECT_EQ(ascend("", {.prefix = "todo:ann:"}).size(), 4U);
  EXPECT_EQ(descend("", {.less_than = "todo:ann:3", .prefix = "todo:ann:"}),
            (strings{"todo:ann:2", "todo:ann:1"}));
}

TEST_F(index_bounds, reaches_with_a_value_as_far_as_orderings_look_at_values) {
  db_->create_index(
      "then key",
      {.pattern = "todo:*", .order = {by_json("due"), desc(by_key_part(":", 1))}, .sparse = true});
  const std::string day = R"({"due":"2030-01-15"})";
  const snapshot view = db_->begin_read();
  EXPECT_EQ(keys(view.equal("then key", day)), (strings{"todo:bob:6", "todo:ann:2"}));
  EXPECT_EQ(ascend("then key", {.at_most = day}), (strings{"todo:bob:6", "todo:ann:2"}));
  EXPECT_EQ(ascend("then key", {.greater_than = day}).front(), "todo:anna:5");
}

TEST_F(index_bounds, takes_a_field_that_a_value_lacks_for_absent) {
  db_->set("p:1", R"({"last":"Smith","age":30})");
  db_->set("p:2", R"({"last":"Smith"})");
  db_->set("p:3", R"({"last":"Smith","age":null})");
  for (const bool down : {false, true}) {
    const ordering age = by_json("age");
    db_->create_index("people", {.pattern = "p:*",
                                 .order = {by_json("last"), down ? desc(age) : age},
                                 .if_exists = existing_index::replace});
    const snapshot view = db_->begin_read();
    EXPECT_EQ(keys(view.equal("people", R"({"last":"smith"})")), (strings{"p:2"}));
    EXPECT_EQ(keys(view.equal("people", first_parts("SMITH"))).size(), 3U);
    EXPECT_EQ(keys(view.equal("people", first_parts("Smith", 30))), (strings{"p:1"}));
    EXPECT_EQ(keys(view.equal("people", first_parts("Smith", nullptr))), (strings{"p:3"}));
  }
}

TEST_F(index_bounds, reads_parts_as_each_ordering_does) {
  for (const char* key : {"sale:2:x", "sale:11:y", "sale:11:z"})
    db_->set(key, R"({"paid":true,"sum":1.5})");
  db_->create_index(
      "months", {.pattern = "sale:*",
                 .order = {desc(by_key_part(":", 1, by_int())), by_json("paid"), by_json("sum")}});
  EXPECT_EQ(ascend("months", {.at_most = first_parts(11)}), (strings{"sale:11:y", "sale:11:z"}));
  EXPECT_EQ(ascend("months", first_parts("2", true, 1.5)), (strings{"sale:2:x"}));
  EXPECT_EQ(ascend("months", first_parts(2, false)), strings{});
  EXPECT_TRUE(refuses("months", first_parts(true)));
  EXPECT_TRUE(refuses("months", first_parts(1, true, 1.5, 4)));
  EXPECT_TRUE(refuses("months", {.prefix = "1"}));
  EXPECT_TRUE(refuses("months", {.prefix = first_parts(11, true)}));
  EXPECT_TRUE(refuses("", first_parts("a", "b")));
  EXPECT_TRUE(refuses("", first_parts(1)));
}

/// Texts with zeros and 0xff, ascending and descending, in the middle and at the end of an index's
/// orderings.
TEST_F(index_bounds, finds_what_begins_with_any_bytes) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  const auto text = [&] {
    std::string made;
    for (unsigned size = random() % 4; size != 0; --size)
      made += std::string("\0a\xff", 3)[random() % 3];
    return made;
  };
  for (int i = 0; i < 300; ++i)
    db_->set("k/" + text() + "/" + std::to_string(i), text());
  const ordering part = by_key_part("/", 1, by_binary());
  db_->create_index("up", {.pattern = "k/*", .order = {part, by_binary()}});
  db_->create_index("down", {.pattern = "k/*", .order = {desc(part), desc(by_binary())}});
  const snapshot view = db_->begin_read();
  const auto in = [&](const auto& belongs) {
    strings found;
    for (const auto [key, value] : view.ascend_matching("k/*")) {
      const std::string_view rest = key.substr(2);
      if (belongs(rest.substr(0, rest.find('/')), value)) found.emplace_back(key);
    }
    return found;
  };
  const auto sorted = [&](std::string_view index, const bounds& limits) {
    strings found = keys(view.ascend(index, limits));
    EXPECT_EQ(view.count(index, limits), found.size());
    EXPECT_TRUE(std::ranges::equal(keys(view.descend(index, limits)),
                                   strings(found.rbegin(), found.rend())));
    std::ranges::sort(found);
    return found;
  };
  for (int round = 0; round < 100; ++round) {
    const std::string a = text();
    const std::string b = text();
    for (const std::string_view index : {"up", "down"}) {
      EXPECT_EQ(sorted(index, {.prefix = a}),
                in([&](auto first, auto) { return first.starts_with(a); }));
      EXPECT_EQ(sorted(index, {.prefix = first_parts(a, b)}),
                in([&](auto first, auto second) { return first == a && second.starts_with(b); }));
      EXPECT_EQ(sorted(index, first_parts(a)), in([&](auto first, auto) { return first == a; }));
      EXPECT_EQ(sorted(index, {.greater_than = first_parts(a)}),
                in([&](auto first, auto) { return index == "up" ? first > a : first < a; }));
      EXPECT_EQ(sorted(index, {.at_most = first_parts(a, b)}), in([&](auto first, auto second) {
                  const auto order = std::pair(first, second) <=>
                                     std::pair(std::string_view(a), std::string_view(b));
                  return index == "up" ? order <= 0 : order >= 0;
                }));
    }
  }
}

TEST_F(index_bounds, counts_without_a_walk) {
  db_->update([](transaction& tx) {
    for (int i = 0; i < 5000; ++i)
      tx.set("n:" + std::to_string(i), std::to_string(i % 7));
  });
  db_->create_index("sevenths", {.pattern = "n:*", .order = {by_int()}});
  const snapshot view = db_->begin_read();
  EXPECT_EQ(view.count("sevenths"), 5000U);
  EXPECT_EQ(view.count("sevenths", first_parts(3)), keys(view.equal("sevenths", "3")).size());
  EXPECT_EQ(view.count("sevenths", {.greater_than = "2", .less_than = "5"}),
            keys(view.ascend("sevenths", {.greater_than = "2", .less_than = "5"})).size());
  EXPECT_EQ(view.count("sevenths", {.at_least = "5", .at_most = "4"}), 0U);
  EXPECT_EQ(view.count("sevenths", {.greater_than = "4", .at_most = "4"}), 0U);
  for (const char* first : {"", "n:1", "n:2", "n:4999", "z"}) {
    for (const char* last : {"", "n:1", "n:3", "n:4999", "z"}) {
      EXPECT_EQ(view.count({.at_least = first, .less_than = last}),
                keys(view.ascend({.at_least = first, .less_than = last})).size());
      EXPECT_EQ(view.count({.greater_than = first, .at_most = last}),
                keys(view.ascend({.greater_than = first, .at_most = last})).size());
    }
  }
  EXPECT_EQ(view.count({.prefix = "todo:ann:"}), 4U);
  EXPECT_EQ(db_->begin_read().count({.prefix = "none"}), 0U);
}

TEST_F(index_bounds, finds_the_first_of_those_that_are_equal) {
  const snapshot view = db_->begin_read();
  const std::optional<entry> found = view.first_equal("due", first_parts("ann"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key, "todo:ann:4");
  EXPECT_EQ(view.first_equal("due", first_parts("eve")), std::nullopt);
  const std::optional<copied_entry> copy = db_->begin_read().first_equal("", "todo:bob:6");
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->key, "todo:bob:6");
  EXPECT_EQ(code_of([&] { static_cast<void>(view.first_equal("nope", "")); }),
            errc::index_not_found);
}

}  // namespace
}  // namespace buntdb
