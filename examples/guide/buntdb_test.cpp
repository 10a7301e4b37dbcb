// The snippets of docs/buntdb.md, which page_test.cpp compares with the page, and tests that run
// them. The text between `// [name]` and `// [/name]` is a snippet.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/buntdb.hpp>
#ifdef GUIDE_WITH_VALUES
#include <buntdb/values.hpp>
#include <scs/nlohmann.hpp>
#endif
#ifdef GUIDE_WITH_COLLATION
#include <buntdb/collation.hpp>
#endif

#include "temporary_folder.hpp"

using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;
using testing::ElementsAre;

class guide_to_files : public testing::Test {
 protected:
  guide_to_files() { std::filesystem::current_path(folder_.path()); }
  ~guide_to_files() override { std::filesystem::current_path("/"); }

  buntstore::testing::temporary_folder folder_;
};

class guide : public guide_to_files {
 protected:
  buntdb::database db = buntdb::database::in_memory();
  strings seen_;
};

TEST_F(guide_to_files, opens) {
  // [open]
  buntdb::database db = buntdb::database::open("app.db");
  db.set("greeting", "hello");
  std::cout << db.get("greeting").value_or("nothing") << '\n';
  // [/open]
  // [options]
  buntdb::database fast = buntdb::database::in_memory();
  buntdb::database safe = buntdb::database::open(
      "orders.db",
      {.sync = buntdb::sync_policy::always,
       .on_event = [](const buntdb::event& event) { std::cerr << event.message << '\n'; }});
  // [/options]
  // [close]
  db.close();  // syncs; throws if that fails. The destructor does the same, without throwing.
  try {
    db.set("too", "late");
  } catch (const buntdb::error& failure) {
    if (failure.code() != buntdb::errc::closed) throw;
  }
  // [/close]
  EXPECT_TRUE(std::filesystem::exists("app.db"));
  EXPECT_TRUE(std::filesystem::exists("orders.db"));
}

TEST_F(guide, reads_and_writes) {
  // [update]
  db.update([](buntdb::transaction& tx) {
    tx.set("account:ann", "70");
    tx.set("account:bob", "30");
  });  // both or neither: commits here; an exception rolls back
  // [/update]
  // [view]
  const int total = db.view([](const buntdb::snapshot& view) {
    int sum = 0;
    for (const auto [key, value] : view.ascend())
      sum += std::stoi(std::string(value));
    return sum;
  });
  // [/view]
  EXPECT_EQ(total, 100);
  // [by hand]
  buntdb::transaction tx = db.begin();
  if (tx.get("account:ann") == "70") {
    tx.set("account:ann", "60");
    tx.commit();
  }  // otherwise the end of tx's scope rolls back, as tx.rollback() does

  const buntdb::snapshot view = db.begin_read();  // stays as it is until it goes out of scope
  // [/by hand]
  EXPECT_EQ(view.get("account:ann"), "60");
  // [nested]
  db.update([&](buntdb::transaction& outer) {
    outer.set("a", "1");
    try {
      db.set("b", "2");  // would wait for outer, and so forever
    } catch (const buntdb::error& mistake) {
      if (mistake.code() != buntdb::errc::nested_transaction) throw;
    }
  });
  // [/nested]
  EXPECT_EQ(db.get("b"), std::nullopt);
}

TEST_F(guide, stores_items) {
  db.set("visits", "1");
  db.update([](buntdb::transaction& tx) {
    // [items]
    if (const auto previous = tx.set("visits", "2")) std::cout << "replaced " << *previous << '\n';
    if (const auto visits = tx.get("visits")) std::cout << *visits << " visits\n";
    if (const auto erased = tx.erase("visits")) std::cout << "erased " << *erased << '\n';
    std::cout << tx.size() << " items are left\n";
    tx.clear();  // all of them
    // [/items]
    EXPECT_EQ(tx.size(), 0U);
  });
  // [read and set]
  const std::int64_t hits = db.increment("hits:10.0.0.7", 1, {.ttl_if_new = 1min});
  if (hits > 100) std::cout << "too many within a minute\n";
  const std::string secret = db.get_or_set("secret", "made at the first start");
  if (db.set_if_absent("lock:import", "7", {.ttl = 10min})) std::cout << "ours for ten minutes\n";
  if (!db.compare_and_set("stock", "3", "2")) std::cout << "somebody else was faster\n";
  // [/read and set]
  EXPECT_EQ(hits, 1);
  EXPECT_EQ(secret, "made at the first start");
  EXPECT_TRUE(db.get("lock:import"));
}

TEST_F(guide, lets_items_expire) {
  // [ttl]
  db.set("session:7", "ann", {.ttl = 30min});
  db.set("offer", "50 %", {.expires_at = buntdb::clock::system().now() + 24h});
  db.update([](buntdb::transaction& tx) {
    tx.set_expiry("session:7", {.ttl = 1h});  // the value stays
    if (tx.ttl("session:7") > 59min) std::cout << "an hour to live\n";
    tx.set_expiry("offer", {});  // forever
    if (const auto found = tx.find("session:7")) {
      std::cout << found->value << " until " << found->expires_at.time_since_epoch().count()
                << '\n';
    }
  });
  // [/ttl]
  EXPECT_EQ(db.begin_read().ttl("offer"), buntdb::forever);
  // [expired]
  const buntdb::snapshot view = db.begin_read();
  view.get("session:7");                                   // empty once it has expired
  view.get("session:7", buntdb::expired_items::included);  // until it is removed, within a second
  // [/expired]
  // [hooks]
  db.change([](buntdb::settings& to) {
    to.expiry.on_expired = [](std::span<const buntdb::expired_item> gone) {
      for (const buntdb::expired_item& item : gone)
        std::cout << item.key << " has expired\n";
    };
    to.expiry.on_expired_sync = [](const buntdb::entry& gone, buntdb::transaction& tx) {
      tx.set("archive:" + std::string(gone.key), gone.value);  // together with the removal
    };
  });
  // [/hooks]
  db.set("now", "gone", {.ttl = 1ns});
  for (int i = 0; i < 1000 && !db.get("archive:now"); ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(db.get("archive:now"), "gone");
}

TEST_F(guide, goes_through_keys) {
  for (const char* key : {"user:1", "user:2", "user:2:name", "zebra"})
    db.set(key, "");
  // [ranges]
  const buntdb::snapshot view = db.begin_read();
  for (const auto [key, value] : view.ascend({.at_least = "user:", .less_than = "user;"}))
    std::cout << key << '\n';
  for (const auto [key, value] : view.descend({.at_most = "user:2"})) {
    std::cout << key << '\n';
    if (key == "user:1") break;  // a range can be left at any time
  }
  for (const auto [key, value] : view.ascend_matching("user:?"))
    std::cout << key << '\n';
  // [/ranges]
  for (const auto [key, value] : view.descend_matching("user:?"))
    seen_.emplace_back(key);
  EXPECT_THAT(seen_, ElementsAre("user:2", "user:1"));
  // [change]
  db.update([](buntdb::transaction& tx) {
    for (const auto [key, value] : tx.ascend_matching("user:*")) {
      tx.erase(key);  // the range continues after the last key it returned
    }
  });
  // [/change]
  EXPECT_EQ(db.stats().items, 1U);
}

TEST_F(guide, keeps_indexes) {
  // [index]
  db.create_index("ages", {.pattern = "user:*:age", .order = {buntdb::by_int()}});
  db.set("user:ann:age", "30");
  db.set("user:bob:age", "7");
  db.set("user:cid:age", "100");

  const buntdb::snapshot view = db.begin_read();
  for (const auto [key, age] : view.ascend("ages"))  // bob, ann, cid
    std::cout << key << ": " << age << '\n';
  for (const auto [key, age] : view.descend("ages", {.at_least = "18"}))  // cid, ann
    std::cout << key << ": " << age << '\n';
  for (const auto [key, age] : view.equal("ages", "30"))  // ann
    std::cout << key << ": " << age << '\n';
  // [/index]
  for (const auto [key, age] : view.ascend("ages"))
    seen_.emplace_back(age);
  EXPECT_THAT(seen_, ElementsAre("7", "30", "100"));
  // [manage]
  db.update([](buntdb::transaction& tx) {
    tx.create_index("names", {.pattern = "USER:*:NAME", .ignore_case = true});
    tx.create_index("ages", {.pattern = "user:*:age",
                             .order = {desc(buntdb::by_int())},
                             .if_exists = buntdb::existing_index::replace});
    for (const std::string& name : tx.indexes())
      std::cout << name << '\n';
    tx.drop_index("names");
  });  // an index comes and goes with its transaction
  // [/manage]
  EXPECT_EQ(db.begin_read().indexes(), strings{"ages"});
}

TEST_F(guide, selects_in_an_index_of_several_orderings) {
  // [several]
  using buntdb::first_parts;
  db.create_index(
      "due", {.pattern = "todo:*", .order = {buntdb::by_key_part(":", 1), buntdb::by_json("due")}});
  db.set("todo:ann:1", R"({"due":"2030-01-31","text":"pay the rent"})");
  db.set("todo:bob:2", R"({"due":"2030-02-01","text":"call Ann"})");

  const buntdb::snapshot view = db.begin_read();
  for (const auto [key, value] : view.ascend("due", first_parts("ann")))  // all of Ann's
    std::cout << key << '\n';
  for (const auto [key, value] : view.ascend("due", {.prefix = first_parts("ann", "2030-01")}))
    std::cout << key << '\n';  // those of January
  for (const auto [key, value] : view.descend(
           "due", {.at_least = first_parts("ann", "2030-01-15"), .at_most = first_parts("ann")}))
    std::cout << key << '\n';  // those from a day on, the last first
  if (const auto found = view.first_equal("due", first_parts("bob", "2030-02-01")))
    std::cout << found->key << '\n';
  // [/several]
  EXPECT_EQ(view.first_equal("due", first_parts("ann"))->key, "todo:ann:1");
}

TEST_F(guide, orders) {
  // [orders]
  using namespace buntdb;
  const std::vector<ordering> by_value = {by_string(), by_binary(), by_int(), by_uint(),
                                          by_float()};
  db.create_index("last, then age", {.order = {by_json("name.last"), desc(by_json("age"))}});
  db.create_index("by month", {.order = {by_key_part(":", 1, by_int())}});  // of "sale:11:7"
  db.create_index("by length", {.order = {ordering([](std::string_view a, std::string_view b) {
                                  return a.size() < b.size();
                                })}});
  // [/orders]
  db.set("sale:11:7", R"({"name":{"last":"Smith"},"age":30})");
  db.set("sale:2:1", R"({"name":{"last":"adams"},"age":40})");
  const snapshot view = db.begin_read();
  for (const auto [key, value] : view.ascend("last, then age"))
    seen_.emplace_back(key);
  for (const auto [key, value] : view.ascend("by month"))
    seen_.emplace_back(key);
  EXPECT_THAT(seen_, ElementsAre("sale:2:1", "sale:11:7", "sale:2:1", "sale:11:7"));
  EXPECT_EQ(by_value.size(), 5U);
  // [less]
  const index_info info = *view.index("by month");
  const bool earlier = info.less({"sale:2:1", ""}, {"sale:11:7", ""});
  const bool smaller = less(by_int(), "9", "10");  // without any index
  // [/less]
  EXPECT_TRUE(earlier && smaller);
}

TEST_F(guide, orders_documents) {
  // [json]
  db.set("p:1", R"({"name":{"first":"Ann","last":"Smith"},"tags":["a","b"],"age":30})");
  db.set("p:2", R"({"name":{"first":"Bob","last":"adams"},"age":7})");
  db.create_index("by last name", {.pattern = "p:*", .order = {buntdb::by_json("name.last")}});
  db.create_index("tagged", {.pattern = "p:*",
                             .order = {buntdb::by_json_case_sensitive("tags.0")},
                             .sparse = true});  // without those that have no tag

  const buntdb::snapshot view = db.begin_read();
  for (const auto [key, json] :
       view.ascend("by last name", {.at_least = R"({"name":{"last":"b"}})"}))
    std::cout << key << '\n';
  // [/json]
  for (const auto [key, json] : view.ascend("tagged"))
    seen_.emplace_back(key);
  EXPECT_THAT(seen_, ElementsAre("p:1"));
}

TEST_F(guide, finds_places) {
  // [spatial]
  db.create_spatial_index("fleet", {.pattern = "fleet:*"});
  db.set("fleet:0", "[-115.567 33.532]");
  db.set("fleet:1", "POINT(-116.671 35.735)");
  db.set("fleet:2", R"({"type":"Point","coordinates":[-113.902, 31.234]})");

  const buntdb::snapshot view = db.begin_read();
  for (const auto [key, value] : view.intersects("fleet", "[-117 30],[-112 36]"))
    std::cout << key << '\n';
  int left = 2;
  for (const auto [key, value, distance] : view.nearby("fleet", buntdb::point({-113, 33}))) {
    std::cout << key << ", squared distance " << distance << '\n';
    if (--left == 0) break;
  }
  // [/spatial]
  // [rect]
  const std::optional<buntdb::rect> area = buntdb::parse_rect("[-117 30],[-112 36]");
  std::cout << to_text(*area) << '\n';                    // [-117 30],[-112 36]
  std::cout << to_text(buntdb::point({1, 2.5})) << '\n';  // [1 2.5]
  // [/rect]
  for (const auto [key, value] : view.intersects("fleet", *area))
    seen_.emplace_back(key);
  EXPECT_EQ(seen_.size(), 3U);
}

#ifdef GUIDE_WITH_COLLATION
TEST_F(guide, orders_words) {
  // [collation]
  db.create_index("noms", {.pattern = "nom:*", .order = {buntdb::by_collation("FRENCH_CI")}});
  db.create_index(
      "rooms", {.pattern = "room:*", .order = {buntdb::by_collation_json("name", "ENGLISH_NUM")}});
  // [/collation]
  db.set("nom:1", "été");
  db.set("nom:2", "Zoé");
  db.set("nom:3", "eau");
  const buntdb::snapshot view = db.begin_read();
  for (const auto [key, value] : view.ascend("noms"))
    seen_.emplace_back(value);
  EXPECT_THAT(seen_, ElementsAre("eau", "été", "Zoé"));
}
#endif

TEST_F(guide_to_files, keeps_indexes_with_the_file) {
  // [keep]
  {
    buntdb::database db = buntdb::database::open("people.db");
    db.create_index("ages", {.pattern = "age:*", .order = {buntdb::by_int()}, .persistent = true});
  }
  buntdb::database db = buntdb::database::open("people.db");  // "ages" exists again
  // [/keep]
  EXPECT_EQ(db.begin_read().indexes(), strings{"ages"});
}

TEST_F(guide, copies) {
  db.set("a", "1");
  // [copies]
  db.save("backup.db");  // concurrently with readers and writers; complete or absent
  std::ofstream out("backup.stream", std::ios::binary);
  db.save(out);
  out.close();

  buntdb::database other = buntdb::database::in_memory();
  other.load("backup.db");  // all of it or, if it is damaged, nothing
  // [/copies]
  EXPECT_EQ(other.get("a"), "1");
  EXPECT_EQ(std::filesystem::file_size("backup.stream"), 63U + 27U);
}

TEST_F(guide, is_configured) {
  // [settings]
  db.change([](buntdb::settings& to) {
    to.sync = buntdb::sync_policy::always;
    to.compaction.automatic = false;  // the rest stays as it is
  });
  const buntdb::settings now = db.current_settings();
  db.compact();  // by hand
  const buntdb::statistics figures = db.stats();
  const std::string for_prometheus = buntdb::to_prometheus(figures);
  // [/settings]
  EXPECT_EQ(now.sync, buntdb::sync_policy::always);
  EXPECT_FALSE(now.compaction.automatic);
  EXPECT_EQ(figures.items, 0U);
}

TEST_F(guide, refuses_a_second_equal_item) {
  // [unique]
  db.create_index("mails", {.pattern = "user:*",
                            .order = {buntdb::by_json("mail")},
                            .sparse = true,  // users without an address are not in the index
                            .unique = true});
  db.set("user:1", R"({"mail":"ann@example.org"})");
  try {
    db.set("user:2", R"({"mail":"Ann@example.org"})");
  } catch (const buntdb::error& refused) {
    if (refused.code() != buntdb::errc::not_unique) throw;
    std::cerr << refused
              << '\n';  // not_unique: 'user:2' is equal to 'user:1' in the index 'mails', …
  }
  const auto owner = db.begin_read().first_equal("mails", R"({"mail":"ann@example.org"})");
  // [/unique]
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->key, "user:1");
  EXPECT_EQ(db.get("user:2"), std::nullopt);
}

TEST_F(guide, counts_and_watches) {
  // [count]
  const std::uint64_t users = db.begin_read().count({.prefix = "user:"});
  // [/count]
  EXPECT_EQ(users, 0U);
  // [watch]
  buntdb::subscription users_changed = db.watch({.pattern = "user:*"});
  db.set("user:1", "ann");
  db.erase("user:1");
  while (const std::optional<buntdb::change> next = users_changed.try_next()) {
    switch (next->kind) {
      case buntdb::change_kind::set:
        std::cout << next->key << " is " << next->value << '\n';
        break;
      case buntdb::change_kind::erased:
      case buntdb::change_kind::expired:
        std::cout << next->key << " has gone\n";
        break;
      case buntdb::change_kind::missed:
        std::cout << next->missed << " changes did not fit: read all users again\n";
    }
  }
  // [/watch]
  EXPECT_EQ(users_changed.next_for(0s), std::nullopt);
}

#if !defined(__clang__) || __clang_major__ >= 16  // before, it cannot compile libstdc++'s adaptors
TEST_F(guide, goes_through_ranges_by_adaptors) {
  db.create_spatial_index("fleet", {.pattern = "fleet:*"});
  for (int i = 0; i < 5; ++i)
    db.set("fleet:" + std::to_string(i), "[" + std::to_string(i) + " 0]");
  // [adaptors]
  const buntdb::snapshot view = db.begin_read();
  for (const buntdb::neighbor& truck : view.nearby("fleet", "[0 0]") | std::views::take(3))
    std::cout << truck.key << '\n';  // the three nearest
  for (const std::string& key :
       view.intersects("fleet", "[1 0],[3 0]") | std::views::filter([](const buntdb::entry& truck) {
         return truck.key != "fleet:2";
       }) | std::views::transform([](const buntdb::entry& truck) {
         return std::string(truck.key);
       })) {
    std::cout << key << '\n';
  }
  // [/adaptors]
}
#endif

#ifdef GUIDE_WITH_VALUES
// [a type]
struct todo {
  std::string due;
  std::string text;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(todo, due, text)
// [/a type]

TEST_F(guide, keeps_values_of_types) {
  // [values]
  db.create_index("due", {.pattern = "todo:*", .order = {buntdb::by_json("due")}});
  db.put("todo:1", todo{"2030-01-31", "pay the rent"});
  const std::optional<todo> first = db.get<todo>("todo:1");
  db.update([](buntdb::transaction& tx) {
    todo changed = tx.get<todo>("todo:1").value();
    changed.due = "2030-02-01";
    tx.put("todo:1", changed, {.ttl = 24h});
  });
  const auto next = db.begin_read().first_equal("due", buntdb::first_parts("2030-02-01"));
  // [/values]
  EXPECT_EQ(first->text, "pay the rent");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->value, R"({"due":"2030-02-01","text":"pay the rent"})");
  db.set("todo:2", "no JSON");
  EXPECT_THROW(static_cast<void>(db.get<todo>("todo:2")), buntdb::error);
  EXPECT_EQ(db.get<todo>("todo:3"), std::nullopt);
  db.put("name", "ann");
  EXPECT_EQ(db.get<std::string>("name"), "ann");
  EXPECT_EQ(db.get("name"), R"("ann")");
}
#endif

}  // namespace
