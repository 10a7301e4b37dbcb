// The snippets of docs/cheat-sheet.md, which page_test.cpp compares with the page, and tests that
// run them. The text between `// [name]` and `// [/name]` is a snippet.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/buntdb.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/testing.hpp>

#include "temporary_folder.hpp"

using namespace std::chrono_literals;

namespace {

class cheat_sheet : public testing::Test {
 protected:
  cheat_sheet() { std::filesystem::current_path(folder_.path()); }
  ~cheat_sheet() override { std::filesystem::current_path("/"); }

 private:
  buntstore::testing::temporary_folder folder_;
};

TEST_F(cheat_sheet, uses_a_database) {
  // [database]
  buntdb::database db = buntdb::database::open("app.db");  // or in_memory(); with buntdb::options
  db.set("key", "value");
  db.set("short", "lived", {.ttl = 10min});                    // or .expires_at
  std::optional<std::string> value = db.get("key");            // empty: no such key
  bool was_there = db.erase("key");                            // false: no such key
  std::int64_t next = db.increment("visits");                  // 1, 2, …
  bool is_new = db.set_if_absent("lock", "me", {.ttl = 30s});  // false: it is there
  bool swapped = db.compare_and_set("lock", "me", "you");      // false: another value
  std::string first = db.get_or_set("setting", "default");

  db.update([](buntdb::transaction& tx) {                    // all or nothing; rolled back
    tx.set("a", std::string(tx.get("b").value_or("none")));  // if the function throws
  });
  db.view([](const buntdb::snapshot& at) {                         // one moment, blocks nobody
    for (const auto [key, text] : at.ascend({.prefix = "user:"}))  // also descend, ascend_matching
      std::cout << key << '=' << text << '\n';
  });

  db.create_index("ages", {.pattern = "user:*", .order = {buntdb::by_json("age")}});
  db.create_spatial_index("places", {.pattern = "place:*"});  // "[2.3 48.8]", WKT, GeoJSON
  const buntdb::snapshot now = db.begin_read();
  for (const auto [key, text] : now.descend("ages", {.at_least = R"({"age":18})"}))
    std::cout << key << '\n';
  for (const auto [key, text, distance] : now.nearby("places", "[2 48]"))
    std::cout << key << " at a squared distance of " << distance << '\n';

  buntdb::subscription changes = db.watch({.pattern = "user:*"});  // try_next(), next_for()
  db.save("backup.db");                                            // a copy, while it runs
  db.compact();                                                    // done by itself, too
  db.change([](buntdb::settings& to) { to.sync = buntdb::sync_policy::always; });
  std::cout << buntdb::to_prometheus(db.stats());
  db.close();  // throws if the sync fails
               // [/database]
  EXPECT_EQ(value, "value");
  EXPECT_TRUE(was_there && is_new && swapped);
  EXPECT_EQ(next, 1);
  EXPECT_EQ(first, "default");
  EXPECT_TRUE(std::filesystem::exists("backup.db"));
}

TEST_F(cheat_sheet, uses_a_session) {
  scs::testing::visitor visitor;
  const auto done = visitor.visit([](scs::session& session) {
    // [handler]
    session.put("cart", 3);                           // any type with value_traits
    int cart = session.get<int>("cart").value_or(0);  // throws wrong_type for another type
    int same = session.get_or("cart", 0);
    std::optional<int> once = session.pop<int>("cart");  // get and remove
    int votes =
        session.update<int>("votes", [](std::optional<int> n) { return n.value_or(0) + 1; });
    session.remove("cart");   // clear(): all
    session.flash("Saved.");  // flashes() on the next page

    session.set_user("ann", "Firefox on Linux");  // log in: a new token, too
    std::string user = session.user();            // empty: nobody
    session.require_login_within(5min);           // otherwise throws login_required (403)
    session.renew();                              // a new token: the rights have changed
    session.remember_me(scs::session::remember::until_browser_closes);
    std::string form_token = session.csrf_token();  // and allows_change(request)
    session.destroy();                              // log out: ended in the store at once
                                                    // [/handler]
    EXPECT_TRUE(cart == 3 && same == 3 && once == 3 && votes == 1);
    EXPECT_EQ(user, "ann");
    EXPECT_EQ(form_token.size(), 43U);
  });
  EXPECT_FALSE(done.failure);
  EXPECT_FALSE(visitor.has_session());
}

TEST_F(cheat_sheet, uses_a_managers_users) {
  buntdb::database db = buntdb::database::in_memory();
  // [manager]
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.lifetime = 24h,             // the end, however active it is
                                 .idle_timeout = 30min,       // the end without a request
                                 .cookie = {.secure = true},  // false over plain HTTP only
                                 .max_sessions_per_user = 5}};
  // [/manager]
  for (int device = 0; device < 2; ++device) {
    scs::session session = sessions.load("");
    session.set_user("ann");
    sessions.commit(session);
  }
  // [users]
  std::vector<scs::user_session> devices = sessions.sessions_of("ann");
  if (!devices.empty()) sessions.revoke("ann", devices.front().id);
  sessions.revoke_all("ann");                       // revoke_others(session): all but this
  sessions.iterate("ann", [](scs::session& each) {  // without a user: all of the site
    each.put("seen", true);
    return scs::visit::next;
  });
  // [/users]
  EXPECT_EQ(devices.size(), 2U);
  EXPECT_EQ(sessions.count("ann"), 0U);
}

}  // namespace
