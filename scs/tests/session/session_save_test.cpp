// Further functions of sessions: saving early, JSON for debugging, several steps in one.

#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "world.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;
using scs::session_status;

struct saving : testing::Test {
  test::world world;
  browser visitor{world};
};

TEST_F(saving, stores_now_and_sends_the_cookie_later) {
  scs::session session = visitor.request();
  session.put("key", 1);
  session.save();
  EXPECT_EQ(world.records().size(), 1U);
  EXPECT_EQ(session.token().size(), 43U);
  const auto headers = visitor.finish(session);
  EXPECT_NE(find_header(headers, "Set-Cookie"), "");
  EXPECT_EQ(visitor.get<int>("key"), 1);
  EXPECT_EQ(world.faults->calls(call::commit), 1);
}

TEST_F(saving, keeps_what_was_saved_when_the_handler_throws) {
  scs::session session = visitor.request();
  session.put("saved", 1);
  session.save();
  session.put("lost", 1);
  visitor.receive(world.sessions.abandon(session));
  EXPECT_EQ(visitor.get<int>("saved"), 1);
  EXPECT_FALSE(visitor.get<int>("lost"));
}

TEST_F(saving, can_be_done_again_and_again) {
  visitor.put("key", 0);
  visitor.visit([&](scs::session& session) {
    for (int i = 1; i <= 3; ++i) {
      session.put("key", i);
      session.save();
      EXPECT_EQ(visitor.get<int>("key"), i);
      EXPECT_EQ(session.get<int>("key"), i);
    }
  });
  EXPECT_EQ(world.faults->calls(call::commit), 4);
}

TEST_F(saving, does_nothing_without_changes) {
  visitor.put("key", 1);
  const int calls = world.faults->calls();
  visitor.visit([&](scs::session& session) {
    session.save();
    session.get<int>("key");
    session.save();
  });
  EXPECT_EQ(world.faults->calls(), calls + 1) << "one find";
}

TEST_F(saving, leaves_nothing_modified) {
  visitor.visit([](scs::session& session) {
    session.put("key", 1);
    session.save();
    EXPECT_EQ(session.status(), session_status::unmodified);
    session.update<int>("key", [](std::optional<int> n) { return *n + 1; });
    EXPECT_EQ(session.status(), session_status::modified);
    session.save();
    EXPECT_EQ(session.status(), session_status::unmodified);
  });
}

TEST_F(saving, renews_at_once) {
  visitor.put("key", 1);
  const std::string before = visitor.token();
  visitor.visit([&](scs::session& session) {
    session.renew();
    session.save();
    EXPECT_NE(session.token(), before);
  });
  EXPECT_NE(visitor.token(), before);
  EXPECT_EQ(visitor.get<int>("key"), 1);
}

TEST_F(saving, fails_as_a_commit_does) {
  visitor.put("key", 1);
  scs::session session = visitor.request();
  session.put("key", 2);
  visitor.visit([](scs::session& s) { s.destroy(); });
  EXPECT_SCS_ERROR(session.save(), errc::session_gone);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::session_gone);
  EXPECT_TRUE(world.records().empty());

  world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
  scs::session fresh = visitor.request();
  fresh.put("key", 1);
  EXPECT_SCS_ERROR(fresh.save(), errc::store_failed);
}

// --- several steps in one ---

struct session_steps : testing::Test {
  test::world world;
  browser visitor{world};
};

TEST_F(session_steps, get_or_gives_a_default_of_the_same_type) {
  visitor.visit([](scs::session& session) {
    EXPECT_EQ(session.get_or("n", 7), 7);
    EXPECT_EQ(session.get_or("text", "none"), "none");
    static_assert(std::is_same_v<decltype(session.get_or("text", "none")), std::string>);
    EXPECT_EQ(session.get_or("wide", std::int64_t{1} << 60), std::int64_t{1} << 60);
    session.put("n", 8);
    session.put("text", "some");
    EXPECT_EQ(session.get_or("n", 7), 8);
    EXPECT_EQ(session.get_or("text", "none"), "some");
    EXPECT_SCS_ERROR(session.get_or("text", 1), errc::wrong_type);
  });
}

TEST_F(session_steps, renew_and_clear_leaves_nothing_under_either_token) {
  visitor.put("key", 1);
  browser thief = visitor;
  scs::session late = visitor.request();
  late.put("late", 1);
  scs::session session = visitor.request();
  session.renew_and_clear();
  session.put("fresh", 1);
  visitor.finish(late);
  visitor.finish(session);
  EXPECT_FALSE(thief.get<int>("key"));
  EXPECT_FALSE(visitor.get<int>("key"));
  EXPECT_FALSE(visitor.get<int>("late")) << "clear removes what is there at the commit";
  EXPECT_EQ(visitor.get<int>("fresh"), 1);
}

// --- JSON for debugging ---

using nlohmann::json;

struct debug_json : session_steps {};

TEST_F(debug_json, shows_the_session_as_this_request_sees_it) {
  scs::session session = visitor.request();
  EXPECT_EQ(json::parse(session.debug_json()),
            json::parse(R"({"state":"new","status":"unmodified","id":null,"user":null,
                            "deadline":"2027-01-16T08:00:00Z","data":{}})"));
  session.put("a<", 1);
  session.put("text", "\"");
  session.set_user("tom");
  visitor.finish(session);
  scs::session again = visitor.request();
  again.remove("a<");
  again.put("more", true);
  const json shown = json::parse(again.debug_json());
  EXPECT_EQ(shown["state"], "stored");
  EXPECT_EQ(shown["status"], "modified");
  EXPECT_EQ(shown["user"], "tom");
  EXPECT_EQ(shown["data"], json::parse(R"({"more":true,"text":"\""})"));
  EXPECT_EQ(shown["id"], text_of(again.id()));
}

TEST_F(debug_json, never_holds_the_token) {
  for (const scs::id_mode ids : {scs::id_mode::hashed, scs::id_mode::raw}) {
    test::world other{{.ids = ids}};
    browser careless{other};
    careless.put("key", 1);
    const std::string token = careless.token();
    careless.visit([&](scs::session& session) {
      session.put("csrf", token);
      session.put(token, token + token);
      session.set_user(token);
      const std::string shown = session.debug_json();
      EXPECT_EQ(shown.find(token), std::string::npos) << shown;
      EXPECT_TRUE(json::accept(shown)) << shown;
    });
    other.sessions.iterate([&](scs::session& session) {
      session.put("text", "\n" + token);
      session.put("number", 1e300);
      const std::string shown = session.debug_json();
      EXPECT_EQ(shown.find(token), std::string::npos) << shown;
      EXPECT_TRUE(json::accept(shown)) << shown;
      return scs::visit::next;
    });
    scs::session ended = careless.request();
    ended.destroy();
    ended.put("last", token);
    EXPECT_EQ(ended.debug_json().find(token), std::string::npos);
  }
}

}  // namespace

}  // namespace test
