// What a login does to a session, how old a login is, and the token of the session's forms.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/rules.hpp"

namespace test {

namespace {

using scs::errc;
using scs::event_kind;

struct login : rules {
  static void log_in(scs::session& session) { session.set_user("tom"); }
};

TEST_F(login, gives_the_session_a_new_token_by_itself) {
  browser thief{visitor};
  visitor.visit(log_in);
  EXPECT_NE(visitor.token(), thief.token());
  EXPECT_FALSE(thief.get<std::string>("old"));
  EXPECT_EQ(visitor.get<std::string>("old"), "value") << "a cart is kept";
  EXPECT_EQ(world.count(event_kind::renewed), 1);
}

TEST_F(login, renews_once_with_renew_before_or_after_it) {
  for (const auto& both : std::vector<std::function<void(scs::session&)>>{
           [](scs::session& s) { s.renew(), s.set_user("tom"); },
           [](scs::session& s) { s.set_user("tom"), s.renew(); }}) {
    const long before = world.count(event_kind::renewed);
    visitor.visit(both);
    EXPECT_EQ(world.count(event_kind::renewed), before + 1);
    EXPECT_EQ(visitor.get<std::string>("old"), "value");
  }
}

TEST_F(login, keeps_the_token_when_it_is_told_to) {
  const std::string before = visitor.token();
  visitor.visit([](scs::session& session) {
    session.set_user("tom", "here", scs::session::at_login::keep_token);
  });
  EXPECT_EQ(visitor.token(), before);
  EXPECT_EQ(visitor.request().user(), "tom");
  EXPECT_EQ(world.count(event_kind::renewed), 0);
}

TEST_F(login, renews_when_the_session_becomes_nobodys) {
  visitor.visit(log_in);
  browser thief{visitor};
  visitor.visit([](scs::session& session) { session.set_user(""); });
  EXPECT_FALSE(thief.get<std::string>("old"));
  EXPECT_TRUE(visitor.get<std::string>("old"));
}

TEST_F(login, renews_nothing_in_iterate) {
  const std::string before = visitor.token();
  world.sessions.iterate([](scs::session& session) {
    session.set_user("tom");
    return scs::visit::next;
  });
  EXPECT_EQ(world.sessions.load("__Host-Http-session=" + before).user(), "tom");
}

TEST_F(login, is_remembered_with_its_moment) {
  EXPECT_FALSE(visitor.request().authenticated_at());
  const scs::time_point moment = world.clock.now();
  visitor.visit([&](scs::session& session) {
    log_in(session);
    EXPECT_EQ(session.authenticated_at(), moment) << "in the same request";
  });
  world.clock.advance(minutes{10});
  EXPECT_EQ(visitor.request().authenticated_at(), moment);
  visitor.visit([](scs::session& session) { session.renew(); });
  EXPECT_EQ(visitor.request().authenticated_at(), moment) << "a renewal is no login";
  visitor.visit([&](scs::session& session) { world.sessions.revoke_others(session); });
  EXPECT_EQ(visitor.request().authenticated_at(), moment) << "and a revocation is none";
  visitor.visit(log_in);
  EXPECT_EQ(visitor.request().authenticated_at(), world.clock.now());
  visitor.visit([](scs::session& session) { session.clear(); });
  EXPECT_FALSE(visitor.request().authenticated_at());
}

TEST_F(login, comes_with_its_moment_when_sessions_are_merged) {
  const scs::time_point moment = world.clock.now();
  browser other{world};
  other.visit(log_in);
  world.clock.advance(minutes{10});
  visitor.visit([&](scs::session& session) {
    ASSERT_TRUE(session.merge(other.token()));
    EXPECT_EQ(session.authenticated_at(), moment);
    EXPECT_SCS_ERROR(session.require_login_within(minutes{5}), errc::login_required);
  });
  EXPECT_EQ(visitor.request().authenticated_at(), moment);
}

TEST_F(login, can_be_required_to_be_fresh) {
  EXPECT_SCS_ERROR(visitor.request().require_login_within(hours{1}), errc::login_required);
  visitor.visit(log_in);
  world.clock.advance(minutes{5});
  visitor.request().require_login_within(minutes{5});
  world.clock.advance(nanoseconds{1});
  EXPECT_SCS_ERROR(visitor.request().require_login_within(minutes{5}), errc::login_required);
  EXPECT_EQ(scs::http_status(make_error_code(errc::login_required)), 403);
  visitor.visit([](scs::session& session) {
    EXPECT_SCS_ERROR(session.require_login_within(minutes{5}), errc::login_required);
    log_in(session);
    session.require_login_within(minutes{5});
  });
}

struct csrf : login {
  static scs::csrf_request post_with(std::string token) {
    return {.method = "POST", .token = std::move(token)};
  }
  std::string form_token() {
    std::string token;
    visitor.visit([&](scs::session& session) { token = session.csrf_token(); });
    return token;
  }
};

TEST_F(csrf, tokens_stay_the_same_until_the_session_is_renewed) {
  const std::string first = form_token();
  EXPECT_EQ(first.size(), scs::token::size);
  EXPECT_EQ(form_token(), first);
  for (const auto& renew : std::vector<std::function<void(scs::session&)>>{
           [](scs::session& s) { s.renew(); }, log_in,
           [](scs::session& s) { s.set_user("ann", {}, scs::session::at_login::keep_token); },
           [](scs::session& s) { s.renew_and_clear(), s.put("a", 1); }}) {
    const std::string before = form_token();
    visitor.visit(renew);
    EXPECT_FALSE(visitor.request().allows_change(post_with(before)));
    EXPECT_NE(form_token(), before);
  }
}

TEST_F(csrf, tokens_of_two_pages_that_are_made_at_once_are_the_same) {
  scs::session one = visitor.request();
  scs::session other = visitor.request();
  one.load();
  other.load();
  const std::string token = one.csrf_token();
  EXPECT_EQ(other.csrf_token(), token);
  world.sessions.abandon(one);
  EXPECT_TRUE(visitor.request().allows_change(post_with(token))) << "stored at once";
}

TEST_F(csrf, tokens_begin_no_session) {
  browser bot{world};
  const auto before = world.records().size();
  bot.visit([](scs::session& session) { EXPECT_EQ(session.csrf_token(), ""); });
  EXPECT_EQ(bot.cookie(), "");
  EXPECT_EQ(world.records().size(), before);
}

TEST_F(csrf, tokens_of_a_session_that_begins_with_the_request_hold) {
  browser newcomer{world};
  std::string token;
  newcomer.visit([&](scs::session& session) {
    session.put("cart", 1);
    token = session.csrf_token();
  });
  EXPECT_EQ(token.size(), scs::token::size);
  EXPECT_TRUE(newcomer.request().allows_change(post_with(token)));
}

TEST_F(csrf, tokens_of_the_new_session_are_not_in_the_old_one) {
  browser thief{visitor};
  form_token();
  visitor.visit([&](scs::session& session) {
    session.renew();
    const std::string fresh = session.csrf_token();
    EXPECT_FALSE(thief.request().allows_change(post_with(fresh))) << "before the commit";
    EXPECT_TRUE(session.allows_change(post_with(fresh)));
  });
}

TEST_F(csrf, tokens_are_required_in_full) {
  const std::string token = form_token();
  for (const std::string& wrong :
       {std::string(), token.substr(1), token + "x", std::string(43, 'A'), token + token}) {
    EXPECT_FALSE(visitor.request().allows_change(post_with(wrong))) << wrong;
  }
  EXPECT_EQ(world.count(event_kind::cross_site_refused), 5);
  EXPECT_TRUE(visitor.request().allows_change({.method = "GET"}));
}

TEST_F(csrf, tokens_are_required_even_if_none_was_ever_given_out) {
  EXPECT_FALSE(visitor.request().allows_change(post_with("")));
  visitor.put(scs::session::csrf_key, "");
  EXPECT_FALSE(visitor.request().allows_change(post_with("")));
}

TEST_F(csrf, tokens_are_not_taken_over_by_a_merge) {
  browser other{world};
  other.put("a", 1);
  other.visit([](scs::session& session) { session.csrf_token(); });
  const std::string token = form_token();
  visitor.visit([&](scs::session& session) { ASSERT_TRUE(session.merge(other.token())); });
  EXPECT_TRUE(visitor.request().allows_change(post_with(token)));
}

TEST_F(csrf, tokens_are_not_needed_where_no_browser_sends_the_token) {
  test::world api{{.transport = scs::header_transport{}}};
  scs::session session = api.sessions.load(std::string_view{});
  session.put("a", 1);
  EXPECT_TRUE(session.allows_change({.method = "POST", .sec_fetch_site = "cross-site"}));
}

TEST(csrf_options, name_origins_as_browsers_do) {
  const auto is_refused = [](std::string origin) {
    try {
      test::world{{.trusted_origins = {std::move(origin)}}};
      return false;
    } catch (const scs::error& failure) {
      return failure.code() == scs::errc::invalid_options;
    }
  };
  EXPECT_FALSE(is_refused("https://login.example.com"));
  EXPECT_FALSE(is_refused("http://localhost:4000"));
  for (const char* wrong : {"", "login.example.com", "https://", "https://a.example/",
                            "https://A.example", "https://a.example, https://b.example", "null"}) {
    EXPECT_TRUE(is_refused(wrong)) << wrong;
  }
}

TEST_F(csrf, visitors_without_a_session_are_judged_by_their_origin) {
  browser stranger{world};
  EXPECT_TRUE(stranger.request().allows_change(
      {.method = "POST", .origin = "https://a.example", .host = "a.example"}));
  EXPECT_FALSE(stranger.request().allows_change(
      {.method = "POST", .origin = "https://b.example", .host = "a.example"}));
  EXPECT_EQ(world.count(event_kind::cross_site_refused), 1);
  browser late{visitor};
  visitor.visit(log_in);
  EXPECT_FALSE(late.request().allows_change({.method = "POST", .sec_fetch_site = "cross-site"}))
      << "whose session was renewed away";
}

struct old_token : rules {};

TEST_F(old_token, is_an_event_when_it_comes_late) {
  browser late{visitor};
  visitor.visit([](scs::session& session) { session.renew(); });
  world.clock.advance(seconds{10});
  EXPECT_FALSE(late.get<std::string>("old"));
  EXPECT_EQ(world.count(event_kind::old_token), 0) << "a request that was under way";
  world.clock.advance(seconds{1});
  EXPECT_FALSE(late.get<std::string>("old"));
  EXPECT_EQ(world.count(event_kind::old_token), 1);
  EXPECT_EQ(visitor.get<std::string>("old"), "value") << "the session goes on";
  world.clock.advance(seconds{60});
  late.get<std::string>("old");
  EXPECT_EQ(world.count(event_kind::old_token), 1) << "nobody remembers it";
}

TEST_F(old_token, ends_the_session_only_if_that_is_wanted) {
  test::world strict{{.old_token_grace = seconds{2}, .old_tokens = scs::old_token_policy::revoke}};
  browser owner{strict};
  owner.put("old", "value");
  browser thief{owner};
  owner.visit([](scs::session& session) { session.renew(); });
  strict.clock.advance(seconds{1});
  thief.get<std::string>("old");
  EXPECT_TRUE(owner.get<std::string>("old"));
  strict.clock.advance(seconds{2});
  thief.get<std::string>("old");
  EXPECT_FALSE(owner.get<std::string>("old"));
  EXPECT_EQ(strict.count(event_kind::destroyed), 1);
  EXPECT_EQ(strict.records().size(), 0U);
}

TEST_F(old_token, that_ends_the_session_lets_its_request_log_in) {
  test::world strict{{.old_token_grace = seconds{2}, .old_tokens = scs::old_token_policy::revoke}};
  browser owner{strict};
  owner.put("old", "value");
  browser late{owner};
  owner.visit([](scs::session& session) { session.renew(); });
  strict.clock.advance(seconds{3});
  late.visit([](scs::session& session) { session.set_user("tom"); });
  late.visit([](scs::session& session) { EXPECT_EQ(session.user(), "tom"); });
}

TEST_F(old_token, is_not_looked_up_on_a_thread_that_must_not_block_if_it_may_end_a_session) {
  for (const auto policy : {scs::old_token_policy::report, scs::old_token_policy::revoke}) {
    scs::session_options options;
    options.old_tokens = policy;
    scs::session_manager sessions{std::make_unique<scs::stores::memory>(), std::move(options)};
    scs::session session = sessions.load("__Host-Http-session=" + new_token());
    EXPECT_EQ(sessions.try_load(session), policy == scs::old_token_policy::report);
  }
}

}  // namespace

}  // namespace test
