// Requests that do not count as activity (rule 8), and sessions without a login.

#include <string>

#include <gtest/gtest.h>

#include "session/rules.hpp"

namespace test {

namespace {

using call = faulty_store::call;

struct passive_request : rules {
  scs::session poll() const {
    return world.sessions.load(std::string_view{visitor.cookie()},
                               {.activity = scs::request_activity::passive});
  }
};

TEST_F(passive_request, writes_nothing_and_extends_nothing) {
  const int touches = world.faults->calls(call::touch);
  const int commits = world.faults->calls(call::commit);
  for (int i = 0; i < 4; ++i) {
    world.clock.advance(minutes{6});
    scs::session session = poll();
    session.touch();
    EXPECT_EQ(session.exists("old"), i < 3) << "the idle timeout is 20 minutes";
    EXPECT_EQ(find_header(world.sessions.commit(session), "Set-Cookie"), "");
    world.sessions.abandon(session);
  }
  EXPECT_EQ(world.faults->calls(call::touch), touches);
  EXPECT_EQ(world.faults->calls(call::commit), commits);
}

TEST_F(passive_request, stores_its_changes_without_another_idle_expiry) {
  world.clock.advance(minutes{10});
  scs::session session = poll();
  session.put("n", 1);
  visitor.finish(session);
  world.clock.advance(minutes{9});
  scs::session again = poll();
  EXPECT_EQ(again.get<int>("n"), 1);
  again.renew();
  visitor.finish(again);
  EXPECT_EQ(poll().get<int>("n"), 1);
  world.clock.advance(minutes{1});
  EXPECT_FALSE(visitor.get<int>("n"));
}

TEST_F(passive_request, can_become_one_in_the_handler) {
  world.clock.advance(minutes{10});
  visitor.visit([](scs::session& session) {
    EXPECT_TRUE(session.exists("old"));
    session.set_passive();
  });
  EXPECT_EQ(world.faults->calls(call::touch), 0);
  visitor.get<std::string>("old");
  EXPECT_EQ(world.faults->calls(call::touch), 0) << "that one was never committed";
  visitor.visit([](scs::session& session) { session.touch(); });
  EXPECT_EQ(world.faults->calls(call::touch), 1);
}

TEST_F(passive_request, leaves_no_trace_in_when_a_user_was_last_seen) {
  visitor.visit([](scs::session& session) { session.set_user("tom"); });
  const auto seen = world.sessions.sessions_of("tom").at(0).last_seen;
  world.clock.advance(minutes{10});
  scs::session session = poll();
  session.put("n", 1);
  visitor.finish(session);
  EXPECT_EQ(world.sessions.sessions_of("tom").at(0).last_seen, seen);
}

struct anonymous_sessions : testing::Test {
  test::world world{{.idle_timeout = hours{2}, .anonymous_idle_timeout = minutes{20}}};
  browser visitor{world};
};

TEST_F(anonymous_sessions, end_earlier_than_users) {
  browser user{world};
  visitor.put("cart", 1);
  user.visit([](scs::session& session) {
    session.put("cart", 1);
    session.set_user("tom");
  });
  world.clock.advance(minutes{19});
  EXPECT_TRUE(visitor.get<int>("cart"));
  visitor.visit([](scs::session& session) { session.touch(); });
  world.clock.advance(minutes{19});
  EXPECT_TRUE(visitor.get<int>("cart")) << "activity extends it";
  world.clock.advance(minutes{1});
  EXPECT_FALSE(visitor.get<int>("cart"));
  EXPECT_TRUE(user.get<int>("cart"));
}

TEST_F(anonymous_sessions, live_as_users_after_a_login) {
  visitor.put("cart", 1);
  for (const auto then : {scs::session::at_login::keep_token, scs::session::at_login::renew}) {
    visitor.visit([&](scs::session& session) { session.set_user("tom", "", then); });
    world.clock.advance(minutes{119});
    EXPECT_TRUE(visitor.get<int>("cart"));
  }
}

TEST_F(anonymous_sessions, have_the_shorter_one_of_the_two_timeouts) {
  test::world other{{.idle_timeout = minutes{10}, .anonymous_idle_timeout = minutes{20}}};
  browser newcomer{other};
  newcomer.put("cart", 1);
  other.clock.advance(minutes{10});
  EXPECT_FALSE(newcomer.get<int>("cart"));
  test::world endless{{.anonymous_idle_timeout = minutes{20}}};
  browser late{endless};
  late.put("cart", 1);
  endless.clock.advance(minutes{20});
  EXPECT_FALSE(late.get<int>("cart"));
}

}  // namespace

}  // namespace test
