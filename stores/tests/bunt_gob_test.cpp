// Sessions in the format of Go's SCS v2 in buntdb: payloads that are not JSON, and their users.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <scs/gob_codec.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

namespace {

using std::chrono::hours;

/// A database with its sessions. Browsers are represented by their cookies.
struct world {
  explicit world(scs::id_mode ids = scs::id_mode::hashed)
      : sessions(std::make_unique<scs::stores::bunt>(db),
                 {.ids = ids, .codec = std::make_shared<scs::gob_codec>()}) {}

  /// Makes one request. Returns the cookie to send next.
  template <class Handler>
  std::string request(const std::string& cookie, Handler handler) {
    scs::session session = sessions.load(std::string_view{cookie});
    handler(session);
    for (const scs::header& each : sessions.commit(session)) {
      if (each.name == "Set-Cookie") return each.value.substr(0, each.value.find(';'));
    }
    return cookie;
  }

  std::string log_in(std::string_view user) {
    return request("", [&](scs::session& session) {
      session.set_user(user, "a test");
      session.put("n", 1);
    });
  }

  buntdb::database db = buntdb::database::in_memory();
  scs::session_manager sessions;
};

class bunt_gob : public testing::TestWithParam<scs::id_mode> {};

TEST_P(bunt_gob, lists_and_revokes_a_users_sessions) {
  world here{GetParam()};
  const std::string first = here.log_in("to\"m");
  const std::string second = here.log_in("to\"m");
  const std::string other = here.log_in("tim");
  here.request("", [](scs::session& session) { session.put("n", 2); });
  ASSERT_EQ(here.sessions.sessions_of("to\"m").size(), 2U);
  EXPECT_EQ(here.sessions.sessions_of("to\"m")[0].where, "a test");
  EXPECT_EQ(here.sessions.sessions_of("tim").size(), 1U);

  here.request(first, [](scs::session& session) {
    EXPECT_EQ(session.user(), "to\"m");
    EXPECT_EQ(session.get<int>("n"), 1);
    session.put("n", 5);
  });
  scs::session current = here.sessions.load(std::string_view{first});
  EXPECT_EQ(here.sessions.revoke_others(current), 1U);
  EXPECT_EQ(current.get<int>("n"), 5);
  here.sessions.commit(current);
  here.request(second, [](scs::session& session) { EXPECT_EQ(session.keys().size(), 0U); });
  EXPECT_EQ(here.sessions.revoke_all("to\"m"), 1U);
  EXPECT_TRUE(here.sessions.sessions_of("to\"m").empty());
  here.request(other, [](scs::session& session) { EXPECT_EQ(session.user(), "tim"); });
}

TEST_P(bunt_gob, renews_and_follows_the_user) {
  world here{GetParam()};
  const std::string before = here.log_in("tom");
  const std::string after = here.request(before, [](scs::session& session) { session.renew(); });
  EXPECT_NE(before, after);
  EXPECT_EQ(here.sessions.sessions_of("tom").size(), 1U);
  here.request(after, [](scs::session& session) { EXPECT_EQ(session.get<int>("n"), 1); });
  here.request(before, [](scs::session& session) { EXPECT_TRUE(session.keys().empty()); });
  const std::string nobodys =
      here.request(after, [](scs::session& session) { session.set_user(""); });
  EXPECT_TRUE(here.sessions.sessions_of("tom").empty());
  here.request(nobodys, [](scs::session& session) { EXPECT_EQ(session.get<int>("n"), 1); });
}

TEST_P(bunt_gob, counts_what_requests_do_at_the_same_time) {
  world here{GetParam()};
  const std::string cookie = here.log_in("tom");
  scs::session slow = here.sessions.load(std::string_view{cookie});
  slow.put("slow", std::string("s"));
  here.request(cookie, [](scs::session& session) { session.put("fast", 2.5); });
  EXPECT_EQ(slow.update<int>("n", [](std::optional<int> n) { return *n + 1; }), 2);
  here.sessions.commit(slow);
  here.request(cookie, [](scs::session& session) {
    EXPECT_EQ(session.get<std::string>("slow"), "s");
    EXPECT_EQ(session.get<double>("fast"), 2.5);
    EXPECT_EQ(session.get<int>("n"), 2);
  });
}

INSTANTIATE_TEST_SUITE_P(ids, bunt_gob, testing::Values(scs::id_mode::hashed, scs::id_mode::raw),
                         [](const auto& of) {
                           return of.param == scs::id_mode::raw ? "raw" : "hashed";
                         });

TEST(bunt_store, keeps_any_payload_and_finds_its_user) {
  buntdb::database db = buntdb::database::in_memory();
  scs::stores::bunt store{db};
  const auto expiry = scs::clock::system().now() + hours{1};
  const scs::session_id id = scs::token::generate().id();
  const auto users_sessions = [&](std::string_view user) {
    std::vector<std::string> payloads;
    store.for_each_of_user(user, [&](const scs::session_id& found, const scs::record& record) {
      EXPECT_EQ(found, id);
      payloads.push_back(record.payload);
      return scs::visit::next;
    });
    return payloads;
  };
  const std::string user{"t\0\"\\}m", 6};
  const std::string looks_wrapped{"{\"user\":\"eve\"}\0x", 16};
  for (const std::string& payload :
       {std::string{}, std::string{"\0\1\xff", 3}, std::string{"{\x22"}.substr(0, 1),
        std::string{"&\xff\x81 Deadline"}, looks_wrapped}) {
    for (const std::string& whose : {std::string{}, user}) {
      store.commit(id, payload, expiry, std::nullopt, whose);
      EXPECT_EQ(store.find(id)->payload, payload);
      EXPECT_EQ(users_sessions(user), std::vector<std::string>(whose.empty() ? 0 : 1, payload));
      EXPECT_TRUE(users_sessions("eve").empty());
      EXPECT_TRUE(store.touch(id, expiry + hours{1}));
      EXPECT_EQ(store.erase(id)->payload, payload);
    }
  }
  // JSON contains its user, and is kept unchanged. A payload without a user is kept unchanged, too.
  const std::string json = R"({"data":{},"deadline":1,"user":"eve"})";
  store.commit(id, json, expiry, std::nullopt, "eve");
  EXPECT_EQ(db.get(id.text()), json);
  EXPECT_EQ(users_sessions("eve"), std::vector<std::string>{json});
  store.erase(id);
  store.commit(id, "any", expiry, std::nullopt, "");
  EXPECT_EQ(db.get(id.text()), "any");
}

}  // namespace
