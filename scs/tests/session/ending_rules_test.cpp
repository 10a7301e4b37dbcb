// Rules 4 (destruction), 5 (a handler that throws), 7 (expiry) and 8 (idle time) of
// docs/session-rules.md.

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "session/rules.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;
using scs::event_kind;

const auto nothing = [](scs::session&) {};

// --- 4. Destroy, and 5. a handler that throws ---

using rule_4 = rules;

TEST_F(rule_4, acts_on_the_store_at_once) {
  scs::session session = visitor.request();
  session.destroy();
  EXPECT_TRUE(world.records().empty());
  EXPECT_TRUE(session.keys().empty());
}

TEST_F(rule_4, clears_the_cookie_even_with_an_error) {
  scs::session session = visitor.request();
  session.put("a", 1);
  session.destroy();
  const auto headers = world.sessions.abandon(session);
  EXPECT_NE(find_header(headers, "Set-Cookie").find("=; "), std::string::npos);
  EXPECT_NE(find_header(headers, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(find_header(headers, "Cache-Control"), "no-store");
}

TEST_F(rule_4, begins_a_new_session_with_the_first_put_after_it) {
  const std::string before = visitor.token();
  visitor.visit([](scs::session& s) {
    s.put("lost", 1);
    s.destroy();
    s.put("new", 2);
  });
  EXPECT_NE(visitor.token(), before);
  EXPECT_EQ(visitor.request().keys(), std::vector<std::string>{"new"});
}

TEST_F(rule_4, clears_the_cookie_when_the_new_session_cannot_be_stored) {
  scs::session session = visitor.request();
  session.destroy();
  session.put("new", 2);
  world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_NE(find_header(world.sessions.abandon(session), "Set-Cookie").find("Max-Age=0"),
            std::string::npos);
}

TEST_F(rule_4, can_be_tried_again_after_the_store_failed) {
  world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.destroy(), errc::store_failed);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_NO_THROW(session.destroy());
  EXPECT_NE(find_header(world.sessions.commit(session), "Set-Cookie"), "");
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_4, ends_all_sessions_that_the_browser_has_sent) {
  // The request uses the first live one. The next request would find another one.
  browser second{world};
  second.put("old", "second");
  browser renewed{world};
  renewed.put("old", "third");
  const std::string tombstone = renewed.cookie();
  renewed.visit([](scs::session& s) { s.renew(); });
  scs::session session =
      world.sessions.load(visitor.cookie() + "; " + second.cookie() + "; " + tombstone);
  EXPECT_EQ(session.get<std::string>("old"), "value");
  session.destroy();
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_FALSE(second.get<std::string>("old"));
  EXPECT_FALSE(renewed.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
  EXPECT_EQ(world.count(event_kind::destroyed), 3);
}

TEST_F(rule_4, ends_a_session_that_other_cookies_hide) {
  std::string cookies;
  const std::string name = visitor.cookie().substr(0, visitor.cookie().find('=') + 1);
  for (int i = 0; i < 63; ++i)
    cookies += name + new_token() + "; ";
  scs::session session = world.sessions.load(cookies + visitor.cookie());
  EXPECT_FALSE(session.get<std::string>("old"));
  EXPECT_EQ(world.count(event_kind::tokens_ignored), 1);
  session.destroy();
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_4, finds_its_way_again_after_a_failure_in_the_middle) {
  // A renewal comes between the logout's read and its erasure, and the store fails at each later
  // call in turn. A second logout with the old token must reach the new session.
  for (int nth = 1; nth <= 8; ++nth) {
    for (const bool took_place : {false, true}) {
      browser someone{world};
      someone.put("old", 1);
      const browser late{someone};
      scs::session logout = late.request();
      logout.load();
      const auto fail = [&, calls = 0](bool after) mutable {
        if (after == took_place && ++calls == nth) throw std::runtime_error("down");
      };
      world.faults->before(call::commit, 1,
                           [&] { someone.visit([](scs::session& s) { s.renew(); }); });
      world.faults->around_every(fail);
      try {
        logout.destroy();
      } catch (const scs::error&) {
      }
      world.faults->forget_hooks();
      scs::session again = late.request();
      again.destroy();
      EXPECT_FALSE(someone.request().exists("old")) << nth << took_place;
    }
  }
}

TEST_F(rule_4, beats_a_write_in_flight) {
  scs::session writer = visitor.request();
  writer.put("a", 1);
  world.faults->before(call::commit, 1,
                       [this] { browser{visitor}.visit([](scs::session& s) { s.destroy(); }); });
  EXPECT_SCS_ERROR(world.sessions.commit(writer), errc::session_gone);
  EXPECT_TRUE(world.records().empty());
}

using rule_5 = rules;

TEST_F(rule_5, discards_the_changes_of_a_handler_that_threw) {
  scs::session session = visitor.request();
  session.put("a", 1);
  session.renew();
  EXPECT_EQ(find_header(world.sessions.abandon(session), "Set-Cookie"), "");
  EXPECT_FALSE(visitor.get<int>("a"));
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
  EXPECT_EQ(world.sessions.commit(session).size(), 1U) << "nothing is left to commit";
  EXPECT_FALSE(visitor.get<int>("a"));
}

// --- 7. Touch, expiry and deadline ---

using rule_7 = rules;

TEST_F(rule_7, enforces_the_smaller_of_expiry_and_deadline) {
  // Raw records, as another program may write them.
  const scs::token token = scs::token::generate();
  const auto deadline = world.clock.now() + seconds{10};
  world.kept->commit(
      token.id(),
      R"({"data":{"k":1},"deadline":)" + std::to_string(deadline.time_since_epoch().count()) + "}",
      world.clock.now() + hours{1}, std::nullopt, "");
  const std::string cookie = "__Host-Http-session=" + std::string{token.text()};
  EXPECT_EQ(world.sessions.load(cookie).get<int>("k"), 1);
  world.clock.advance(seconds{10});
  EXPECT_FALSE(world.sessions.load(cookie).get<int>("k"));
  EXPECT_EQ(world.count(event_kind::expired), 1);
}

TEST_F(rule_7, lowers_the_expiry_only_with_the_deadline) {
  world.kept->touch(id(), world.clock.now() + hours{5});  // as another manager may extend it
  visitor.put("a", 1);
  EXPECT_EQ(world.records().at(0).expiry, world.clock.now() + hours{5});
  visitor.visit([this](scs::session& s) { s.set_deadline(world.clock.now() + hours{9}); });
  EXPECT_EQ(world.records().at(0).expiry, world.clock.now() + hours{9} - hours{4});
  visitor.visit([this](scs::session& s) { s.set_deadline(world.clock.now() + minutes{1}); });
  EXPECT_EQ(world.records().at(0).expiry, world.clock.now() + minutes{1});
}

TEST_F(rule_7, reports_a_touch_that_failed_and_goes_on) {
  world.clock.advance(minutes{10});
  world.faults->before(call::touch, 1, [] { throw std::runtime_error("down"); });
  EXPECT_NO_THROW(visitor.visit([](scs::session& s) { s.get<int>("a"); }));
  EXPECT_EQ(world.count(event_kind::touch_failed), 1);
}

TEST_F(rule_7, changes_no_revision_by_a_touch) {
  scs::session writer = visitor.request();
  writer.put("a", 1);
  world.clock.advance(minutes{10});
  browser{visitor}.visit([](scs::session& s) { s.touch(); });
  EXPECT_EQ(world.faults->calls(call::touch), 1);
  visitor.finish(writer);
  EXPECT_EQ(world.count(event_kind::conflict), 0);
}

// --- 8. Idle time ---

using rule_8 = rules;

TEST_F(rule_8, ends_a_session_that_is_not_used) {
  world.clock.advance(minutes{20});
  EXPECT_FALSE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, keeps_a_session_that_is_used_until_its_deadline) {
  const int requests = 24 * 60 / 15;
  for (int i = 0; i < requests - 1; ++i) {
    world.clock.advance(minutes{15});
    visitor.visit([&](scs::session& s) { ASSERT_EQ(s.get<std::string>("old"), "value") << i; });
  }
  world.clock.advance(minutes{15});
  EXPECT_FALSE(visitor.get<std::string>("old")) << "lives longer than its limit";
}

TEST_F(rule_8, counts_only_requests_that_loaded_the_session) {
  world.clock.advance(minutes{15});
  visitor.visit(nothing);
  world.clock.advance(minutes{15});
  EXPECT_FALSE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, counts_a_touch_and_a_request_that_failed) {
  world.clock.advance(minutes{15});
  visitor.visit([](scs::session& s) { s.touch(); });
  world.clock.advance(minutes{15});
  scs::session failed = visitor.request();
  failed.load();
  world.sessions.abandon(failed);
  world.clock.advance(minutes{15});
  EXPECT_TRUE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, extends_at_most_once_per_twentieth) {
  for (int i = 0; i < 120; ++i) {
    world.clock.advance(seconds{10});
    visitor.visit([](scs::session& s) { EXPECT_TRUE(s.exists("old")); });
  }
  EXPECT_EQ(world.faults->calls(call::touch), 20);
}

TEST_F(rule_8, dies_at_most_a_twentieth_early) {
  world.clock.advance(seconds{59});
  visitor.visit([](scs::session& s) { s.touch(); });
  EXPECT_EQ(world.faults->calls(call::touch), 0);
  world.clock.advance(minutes{19});
  EXPECT_TRUE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, sends_no_cookie_for_a_touch) {
  world.clock.advance(minutes{10});
  EXPECT_EQ(find_header(visitor.visit([](scs::session& s) { s.exists("old"); }), "Set-Cookie"), "");
  EXPECT_EQ(world.faults->calls(call::touch), 1);
}

}  // namespace

}  // namespace test
