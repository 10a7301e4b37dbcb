// What logins and logouts need of a store: rules 3 (renewal), 4 (destruction), 8 (idle time), 12
// (users) and 19 (forms) of docs/session-rules.md, through a manager.

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scs/scs.hpp>

#include "conformance/conformance.hpp"
#include "store_front.hpp"

namespace test {

namespace {

/// A manager on the store, and a browser's cookie.
struct site {
  site(scs::store& store, const scs::clock& clock)
      : sessions(std::make_unique<store_front>(store), with(clock)) {}

  scs::session_options with(const scs::clock& clock) {
    scs::session_options options;
    options.idle_timeout = hours{1};
    options.cookie.secure = false;
    options.clock = &clock;
    options.old_token_grace = {};
    options.on_event = [this](const scs::event& happened) { events.push_back(happened.kind); };
    return options;
  }

  scs::session request() { return sessions.load(std::string_view{cookie}); }

  void visit(const std::function<void(scs::session&)>& handler) {
    scs::session session = request();
    handler(session);
    for (const scs::header& line : sessions.commit(session)) {
      if (line.name == "Set-Cookie") cookie = line.value.substr(0, line.value.find(';'));
    }
  }

  long count(scs::event_kind kind) const { return std::count(events.begin(), events.end(), kind); }

  std::string cookie;
  std::vector<scs::event_kind> events;
  scs::session_manager sessions;
};

}  // namespace

TEST_P(store_conformance, gives_a_session_a_new_token_once_at_a_login) {
  site at{store(), clock()};
  at.visit([](scs::session& session) { session.put("cart", 1); });
  const std::string before = at.cookie;
  at.visit([](scs::session& session) {
    session.renew();
    session.set_user("tom");
  });
  EXPECT_NE(at.cookie, before);
  EXPECT_EQ(at.count(scs::event_kind::renewed), 1);
  EXPECT_EQ(at.request().get<int>("cart"), 1);
  EXPECT_EQ(at.sessions.sessions_of("tom").size(), 1U);
  EXPECT_EQ(at.sessions.load(before).user(), "");
}

TEST_P(store_conformance, remembers_when_a_user_has_logged_in) {
  site at{store(), clock()};
  at.visit([](scs::session& session) { session.set_user("tom"); });
  const auto login = at.request().authenticated_at();
  ASSERT_TRUE(login);
  EXPECT_LT(std::chrono::abs(*login - clock().now()), seconds{30});
  at.visit([](scs::session& session) {
    session.require_login_within(hours{1});
    session.renew();
  });
  EXPECT_EQ(at.request().authenticated_at(), login);
  scs::session session = at.request();
  try {
    session.require_login_within(std::chrono::nanoseconds{-1});
    ADD_FAILURE() << "a login of the future";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::login_required);
  }
}

TEST_P(store_conformance, keeps_the_token_of_forms_until_a_renewal) {
  site at{store(), clock()};
  at.visit([](scs::session& session) { session.put("cart", 1); });
  const std::string token = at.request().csrf_token();
  EXPECT_EQ(token.size(), scs::token::size);
  EXPECT_EQ(at.request().csrf_token(), token);
  EXPECT_TRUE(at.request().allows_change({.method = "POST", .token = token}));
  at.visit([](scs::session& session) { session.set_user("tom"); });
  EXPECT_FALSE(at.request().allows_change({.method = "POST", .token = token}));
}

TEST_P(store_conformance, tells_of_a_token_that_was_renewed_away) {
  site at{store(), clock()};
  at.visit([](scs::session& session) { session.put("cart", 1); });
  const std::string before = at.cookie;
  at.visit([](scs::session& session) { session.renew(); });
  const auto moment = clock().now();
  advance(seconds{2});
  while (clock().now() == moment) {  // a clock that the test cannot move
  }
  EXPECT_FALSE(at.sessions.load(before).exists("cart"));
  EXPECT_EQ(at.count(scs::event_kind::old_token), 1);
}

TEST_P(store_conformance, writes_nothing_for_a_passive_request) {
  site at{store(), clock()};
  at.visit([](scs::session& session) { session.put("cart", 1); });
  const scs::session_id id = at.request().id();
  advance(seconds{1800});
  const auto stored = store().find(id);
  at.visit([](scs::session& session) {
    session.set_passive();
    session.touch();
    EXPECT_EQ(session.get<int>("cart"), 1);
  });
  const auto after = store().find(id);
  ASSERT_TRUE(stored && after);
  EXPECT_EQ(after->expiry, stored->expiry);
  EXPECT_EQ(after->revision, stored->revision);
  at.visit([](scs::session& session) { session.touch(); });
  EXPECT_GT(store().find(id)->expiry, stored->expiry) << "an active one does";
}

TEST_P(store_conformance, ends_a_session_before_its_logout_is_answered) {
  site at{store(), clock()};
  at.visit([](scs::session& session) { session.set_user("tom"); });
  const std::string cookie = at.cookie;
  scs::session session = at.request();
  session.destroy();
  EXPECT_EQ(at.sessions.load(cookie).user(), "");
  at.sessions.commit(session);
  EXPECT_TRUE(at.sessions.sessions_of("tom").empty());
}

}  // namespace test
