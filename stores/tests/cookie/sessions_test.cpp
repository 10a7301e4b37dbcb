// Rule 17 of docs/session-rules.md: sessions that live in their cookies.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>

#include "cookie_sessions.hpp"

/// The code that docs/store-cookie.md shows.
scs::session_manager sessions_in_cookies(
    const std::string& secret, const std::string& previous_secret,
    const std::function<std::uint64_t(std::string_view)>& epoch_of_user);

namespace test {

namespace {

TEST_F(cookie_sessions, live_in_the_cookie) {
  put("a", 1);
  EXPECT_TRUE(set_cookie_.starts_with("__Host-Http-session=")) << set_cookie_;
  EXPECT_NE(set_cookie_.find("; Path=/; Expires="), std::string::npos) << set_cookie_;
  EXPECT_NE(set_cookie_.find("; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"), std::string::npos);
  const std::string first = cookie_;
  use({.lifetime = hours{1}});  // as if the server had been restarted
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(set_cookie_, "") << "nothing has changed";
  put("b", 2);
  EXPECT_NE(cookie_, first);
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), 2);
  EXPECT_EQ(count(scs::event_kind::created), 1);
}

TEST_F(cookie_sessions, cost_nothing_when_they_are_not_touched) {
  put("a", 1);
  const auto headers = visit([](scs::session&) {});
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(count(scs::event_kind::loaded), 0);
}

TEST_F(cookie_sessions, give_the_headers_that_others_give) {
  const auto written = visit([](scs::session& session) { session.put("a", 1); });
  EXPECT_EQ(find_header(written, "Cache-Control"), "no-store");
  EXPECT_EQ(find_header(written, "Vary"), "Cookie");
  const auto read = visit([](scs::session& session) { session.get<int>("a"); });
  EXPECT_EQ(find_header(read, "Cache-Control"), "");
  EXPECT_EQ(find_header(read, "Vary"), "Cookie");
}

TEST_F(cookie_sessions, are_cleared_even_if_another_one_began_and_ended_after_a_destroy) {
  put("a", 1);
  visit([this](scs::session& session) {
    session.destroy();
    session.put("b", 2);
    session.set_deadline(clock_.now() - hours{1});
  });
  EXPECT_NE(set_cookie_.find("Max-Age=0"), std::string::npos) << set_cookie_;
  EXPECT_EQ(get("a"), std::nullopt);
}

TEST_F(cookie_sessions, keep_nothing_of_a_session_without_values) {
  visit([](scs::session& session) {
    session.put("a", 1);
    session.remove("a");
    session.renew();
    session.remember_me();
  });
  EXPECT_EQ(set_cookie_, "");
}

TEST_F(cookie_sessions, never_adopt_what_somebody_made_up) {
  for (const std::string& value :
       {std::string{"x"}, std::string(43, 'A'), std::string(200, 'A'), std::string(5000, 'A')}) {
    cookie_ = std::string{name} + "=" + value;
    put("a", 1);
    EXPECT_EQ(cookie_.find(value + ";"), std::string::npos);
    EXPECT_EQ(get("a"), 1);
  }
  EXPECT_EQ(count(scs::event_kind::cookie_refused), 3) << "the longest one is not even opened";
}

TEST_F(cookie_sessions, take_the_first_of_several_cookies_that_opens) {
  put("a", 1);
  const std::string good = cookie_;
  cookie_.clear();
  put("a", 2);
  const std::string bad = std::string{name} + "=" + std::string(100, 'A');
  EXPECT_EQ(get_with(bad + "; " + good + "; " + cookie_, "a"), 1);
  EXPECT_EQ(get_with(cookie_ + "; " + good, "a"), 2);
  std::string flood;
  for (int i = 0; i < 4; ++i)
    flood += std::string{name} + "=" + std::string(100 + static_cast<std::size_t>(i), 'A') + "; ";
  EXPECT_FALSE(get_with(flood + good, "a")) << "no more than four are looked at";
}

TEST_F(cookie_sessions, end_with_their_lifetime) {
  put("a", 1);
  clock_.advance(hours{1} - nanoseconds{1});
  EXPECT_EQ(get("a"), 1);
  clock_.advance(nanoseconds{1});
  EXPECT_FALSE(get("a"));
  EXPECT_EQ(count(scs::event_kind::expired), 1);
}

TEST_F(cookie_sessions, end_when_nobody_came_for_the_idle_timeout) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  const std::string first = cookie_;
  clock_.advance(seconds{59});
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(cookie_, first) << "less than a twentieth of the idle timeout: no new cookie";
  for (int i = 0; i < 3; ++i) {
    clock_.advance(minutes{15});
    EXPECT_EQ(get("a"), 1);
    EXPECT_NE(set_cookie_, "") << "the new expiry must reach the browser";
  }
  EXPECT_FALSE(get_with(first, "a")) << "its idle time is over, though the deadline is not";
  clock_.advance(minutes{15});
  EXPECT_FALSE(get("a")) << "activity does not extend the lifetime";

  cookie_.clear();
  put("a", 2);
  clock_.advance(minutes{20});
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_sessions, keep_a_cookie_that_follows_the_deadline_when_idle_time_is_extended) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  clock_.advance(minutes{10});
  get("a");
  EXPECT_NE(set_cookie_.find("; Max-Age=3000;"), std::string::npos) << set_cookie_;
}

TEST_F(cookie_sessions, vary_by_the_cookie_when_only_a_touch_sets_it) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  clock_.advance(minutes{10});
  const auto headers = visit([](scs::session& session) { session.touch(); });
  EXPECT_NE(find_header(headers, "Set-Cookie"), "");
  EXPECT_EQ(find_header(headers, "Vary"), "Cookie");
}

TEST_F(cookie_sessions, extend_their_idle_time_when_a_handler_throws_but_keep_none_of_its_changes) {
  use({.lifetime = hours{1}, .idle_timeout = minutes{20}});
  put("a", 1);
  clock_.advance(minutes{15});
  scs::session session = load();
  session.put("a", 2);
  receive(sessions_->abandon(session));
  EXPECT_NE(set_cookie_, "");
  clock_.advance(minutes{15});
  EXPECT_EQ(get("a"), 1);
}

TEST_F(cookie_sessions, change_their_value_when_renewed) {
  cookie_.clear();
  put("basket", 1);
  const std::string planted = cookie_;  // by an attacker, who knows it
  clock_.advance(minutes{30});
  visit([](scs::session& session) {
    session.renew();
    session.put("account", 4711);
  });
  EXPECT_NE(cookie_, planted);
  EXPECT_EQ(get("basket"), 1);
  EXPECT_EQ(get("account"), 4711);
  EXPECT_FALSE(get_with(planted, "account")) << "what is put after the renewal is not in the old";
  EXPECT_EQ(count(scs::event_kind::renewed), 1);
  clock_.advance(minutes{59});
  EXPECT_EQ(get("account"), 4711) << "a renewal starts the lifetime anew";
  clock_.advance(minutes{1});
  EXPECT_FALSE(get("account"));
}

TEST_F(cookie_sessions, are_cleared_when_destroyed) {
  put("a", 1);
  const std::string before = cookie_;
  scs::session session = load();
  session.put("a", 2);
  session.destroy();
  EXPECT_FALSE(session.get<int>("a"));
  receive(sessions_->abandon(session));  // also in an error's response
  EXPECT_EQ(
      set_cookie_,
      "__Host-Http-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; "
      "Secure; SameSite=Lax");
  EXPECT_EQ(count(scs::event_kind::destroyed), 1);
  EXPECT_EQ(get_with(before, "a"), 1) << "docs/store-cookie.md says so: a kept cookie is good";

  cookie_ = before;
  visit([](scs::session& s) {
    s.destroy();
    s.put("b", 3);
  });
  EXPECT_EQ(get("b"), 3);
  EXPECT_FALSE(get("a")) << "a new session";
}

/// docs/store-cookie.md warns of this.
TEST_F(cookie_sessions, open_old_values_until_they_expire_and_not_a_moment_longer) {
  put("credit", 100);
  const std::string kept = cookie_;
  put("credit", 0);
  EXPECT_EQ(get_with(kept, "credit"), 100);
  clock_.advance(hours{1});
  EXPECT_FALSE(get_with(kept, "credit"));
  EXPECT_FALSE(get("credit"));
}

/// docs/store-cookie.md warns of this, too.
TEST_F(cookie_sessions, let_the_last_answer_win_when_requests_overlap) {
  put("a", 1);
  scs::session one = load();
  scs::session two = load();
  one.put("b", 2);
  two.put("c", 3);
  answer(one);
  answer(two);
  EXPECT_FALSE(get("b"));
  EXPECT_EQ(get("c"), 3);
}

TEST_F(cookie_sessions, refuse_at_the_commit_what_no_browser_keeps) {
  visit([](scs::session& session) { session.put("a", std::string(2700, 'x')); });
  EXPECT_LE(set_cookie_.size(), 4096U);
  scs::session session = load();
  session.put("b", std::string(400, 'x'));
  const std::string text = text_of_error(scs::errc::too_large, [&] { sessions_->commit(session); });
  EXPECT_NE(text.find("browsers keep 4096"), std::string::npos) << text;
  EXPECT_NE(text.find("makes a cookie of 4"), std::string::npos) << text;
  receive(sessions_->abandon(session));
  EXPECT_EQ(load().get<std::string>("a"), std::string(2700, 'x'));
  EXPECT_FALSE(load().exists("b"));
}

TEST_F(cookie_sessions, fill_a_cookie_to_its_last_byte) {
  std::size_t largest = 0;
  for (std::size_t size = 2800; size < 3100; ++size) {
    scs::session session = sessions_->load(std::string_view{});
    session.put("a", std::string(size, 'x'));
    try {
      const std::string cookie = find_header(sessions_->commit(session), "Set-Cookie");
      largest = std::max(largest, cookie.size());
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::too_large);
    }
  }
  EXPECT_LE(largest, 4096U);
  EXPECT_GE(largest, 4096U - 1);
}

TEST_F(cookie_sessions, clear_the_cookie_of_a_session_whose_deadline_was_set_to_the_past) {
  put("a", 1);
  visit([&](scs::session& session) { session.set_deadline(clock_.now()); });
  EXPECT_NE(set_cookie_.find("Max-Age=0"), std::string::npos) << set_cookie_;
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_sessions, follow_a_deadline_that_was_changed) {
  put("a", 1);
  visit([&](scs::session& session) { session.set_deadline(clock_.now() + minutes{1}); });
  EXPECT_NE(set_cookie_.find("Max-Age=60;"), std::string::npos) << set_cookie_;
  clock_.advance(seconds{60});
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_sessions, are_gone_for_a_commit_after_their_deadline) {
  put("a", 1);
  scs::session session = load();
  session.put("a", 2);
  clock_.advance(hours{1});
  text_of_error(scs::errc::session_gone, [&] { sessions_->commit(session); });
  EXPECT_EQ(find_header(sessions_->abandon(session), "Set-Cookie"), "");
}

TEST_F(cookie_sessions, remember_whether_they_outlive_the_browser) {
  use({.lifetime = hours{1}, .cookie = {.persist = false}});
  put("a", 1);
  EXPECT_EQ(set_cookie_.find("Max-Age"), std::string::npos);
  visit([](scs::session& session) { session.remember_me(); });
  EXPECT_NE(set_cookie_.find("Max-Age"), std::string::npos);
  put("a", 2);
  EXPECT_NE(set_cookie_.find("Max-Age"), std::string::npos);
}

TEST_F(cookie_sessions, update_a_value_in_the_request) {
  put("n", 1);
  const auto add = [](std::optional<int> n) { return n.value_or(0) + 1; };
  visit([&](scs::session& session) {
    EXPECT_EQ(session.update<int>("n", add), 2);
    EXPECT_EQ(session.update<int>("n", add), 3);
  });
  EXPECT_EQ(get("n"), 3);
}

TEST_F(cookie_sessions, can_be_committed_several_times) {
  scs::session session = load();
  session.put("a", 1);
  answer(session);
  EXPECT_EQ(session.token(), cookie_.substr(name.size() + 1));
  session.put("b", 2);
  EXPECT_EQ(session.get<int>("a"), 1);
  answer(session);
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(get("b"), 2);
}

TEST_F(cookie_sessions, are_sealed_by_the_new_secret_when_the_old_one_is_on_its_way_out) {
  put("a", 1);
  use({.lifetime = hours{1}}, {.secrets = {other_secret, secret}});
  EXPECT_EQ(get("a"), 1);
  EXPECT_NE(set_cookie_, "");
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(set_cookie_, "") << "once";
  use({.lifetime = hours{1}}, {.secrets = {other_secret}});
  EXPECT_EQ(get("a"), 1);
  clock_.advance(hours{1});
  EXPECT_FALSE(get("a")) << "a new secret gives no new lifetime";
}

TEST_F(cookie_sessions, have_no_store_to_look_into_and_no_revocation_of_one) {
  text_of_error(scs::errc::not_supported, [&] { sessions_->store(); });
  text_of_error(scs::errc::not_supported, [&] { sessions_->revoke(scs::token::generate().id()); });
}

TEST_F(cookie_sessions, ask_only_in_load_where_that_is_wanted) {
  put("a", 1);
  scs::session session =
      sessions_->load(std::string_view{cookie_}, scs::load_policy::explicit_only);
  text_of_error(scs::errc::not_loaded, [&] { session.get<int>("a"); });
  session.load();
  EXPECT_EQ(session.get<int>("a"), 1);
}

TEST_F(cookie_sessions, go_on_with_a_new_session_when_a_payload_cannot_be_decoded) {
  scs::stores::cookie store = store_with({secret});
  cookie_ = std::string{name} + "=" + store.seal(name, {"no JSON", clock_.now() + hours{1}, 0});
  EXPECT_FALSE(get("a"));
  EXPECT_EQ(count(scs::event_kind::payload_undecodable), 1);
}

TEST_F(cookie_sessions, work_as_the_page_on_them_shows) {
  scs::session_manager sessions =
      sessions_in_cookies(secret, other_secret, [](std::string_view) { return 0; });
  scs::session session = sessions.load(std::string_view{});
  session.put("a", 1);
  const std::string cookie = find_header(sessions.commit(session), "Set-Cookie");
  EXPECT_EQ(sessions.load(cookie.substr(0, cookie.find(';'))).get<int>("a"), 1);
}

TEST_F(cookie_sessions, need_a_store) {
  text_of_error(scs::errc::invalid_options,
                [] { scs::session_manager sessions{std::unique_ptr<scs::client_store>{}}; });
}

}  // namespace

}  // namespace test
