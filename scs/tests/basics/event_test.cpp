#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "world.hpp"

namespace test {

namespace {

using scs::event_kind;

TEST(events, become_one_line_of_a_log_whatever_is_in_them) {
  scs::event happened{.kind = event_kind::old_token};
  EXPECT_EQ(log_line(happened), "old_token");
  happened.user = "a\"b\nuser=\"root\xE2\x80\xAE";
  happened.method = "GET";
  happened.path = "/\x1B[2J";
  happened.cause = std::make_exception_ptr(std::runtime_error("the disk\r\nis full"));
  EXPECT_EQ(log_line(happened),
            R"(old_token user="a\x22b\x0auser=\x22root\xe2\x80\xae" request="GET /\x1b[2J")"
            R"( cause="the disk\x0d\x0ais full")");
  happened.cause = std::make_exception_ptr(7);
  EXPECT_TRUE(log_line(happened).ends_with(R"(cause="an exception of another type")"));
}

struct audit : testing::Test {
  audit() {
    scs::session_options options;
    options.on_event = [this](const scs::event& happened) { events.push_back(happened); };
    options.cookie.secure = false;
    sessions = std::make_unique<scs::session_manager>(std::make_unique<scs::stores::memory>(),
                                                      std::move(options));
  }

  scs::session request(std::string_view path) {
    return sessions->load(cookie, {.method = "POST", .path = path});
  }
  void finish(scs::session& session) {
    const std::string set = find_header(sessions->commit(session), "Set-Cookie");
    if (!set.empty()) cookie = set.substr(0, set.find(';'));
  }
  void log_in(std::string_view user) {
    scs::session session = request("/login");
    session.set_user(user);
    finish(session);
  }
  const scs::event& last() const { return events.at(events.size() - 1); }

  std::vector<scs::event> events;
  std::unique_ptr<scs::session_manager> sessions;
  std::string cookie;
};

TEST_F(audit, says_whose_session_it_was_and_what_the_request_asked_for) {
  log_in("tom");
  EXPECT_EQ(last().kind, event_kind::created);
  EXPECT_EQ(last().user, "tom");
  EXPECT_EQ(last().path, "/login");
  scs::session out = request("/out?next=/#top");
  out.destroy();
  EXPECT_EQ(last().kind, event_kind::destroyed);
  EXPECT_EQ(last().user, "tom");
  EXPECT_EQ(last().method, "POST");
  EXPECT_EQ(last().path, "/out") << "without the query, which often holds secrets";
  EXPECT_TRUE(last().id);
}

TEST_F(audit, says_whose_session_was_revoked_by_nobodys_request) {
  log_in("tom");
  sessions->revoke(scs::token::parse(cookie.substr(cookie.find('=') + 1))->id());
  EXPECT_EQ(last().kind, event_kind::destroyed);
  EXPECT_EQ(last().user, "tom");
  EXPECT_EQ(last().method + last().path, "");
}

TEST_F(audit, says_whose_session_a_revocation_has_ended_when_somebody_comes_with_it) {
  log_in("tom");
  const std::string old = cookie;
  scs::session late = request("/late");
  late.load();
  late.set_user("tom");
  sessions->revoke_all("tom");
  EXPECT_EQ(last().kind, event_kind::destroyed);
  EXPECT_EQ(last().user, "tom");
  EXPECT_SCS_ERROR(sessions->commit(late), scs::errc::session_gone);
  EXPECT_EQ(last().kind, event_kind::gone);
  EXPECT_EQ(last().path, "/late");
}

TEST_F(audit, has_no_token_even_if_the_path_has_one_and_bounds_what_a_visitor_sends) {
  log_in("tom");
  const std::string token = cookie.substr(cookie.find('=') + 1);
  request("/x/" + token + "/y").load();
  EXPECT_EQ(last().path, "/x/(the token)/y");
  request("/" + std::string(254 - 42, '/') + token).load();
  EXPECT_EQ(last().path.find(token.substr(0, 20)), std::string::npos) << "nor a part of one";
  request("/\\u" + token).load();
  EXPECT_EQ(last().path.find(token.substr(4)), std::string::npos) << "a path has no escapes";
  request(std::string(100'000, '/')).load();
  EXPECT_EQ(last().path.size(), 256U);
}

/// A manager whose application receives no events, on a store with an unreadable payload.
struct unheard : testing::Test {
  scs::session_options options() const {
    scs::session_options chosen;
    chosen.cookie = {.name = "session", .secure = false};
    return chosen;
  }

  /// Returns what is written to standard error during two visits with the unreadable session.
  std::string said_with(const scs::session_options& chosen) {
    auto store = std::make_unique<scs::stores::memory>();
    store->commit(token.id(), "not a payload", scs::clock::system().now() + hours{1}, std::nullopt,
                  {});
    testing::internal::CaptureStderr();
    scs::session_manager sessions{std::move(store), chosen};
    for (int i = 0; i < 2; ++i) {
      scs::session session = sessions.load(std::string_view{cookie}, {.path = "/secret"});
      EXPECT_EQ(session.get<int>("key"), std::nullopt);
      session.set_user("ada");
      sessions.commit(session);  // not relevant to the operator
    }
    return testing::internal::GetCapturedStderr();
  }

  const scs::token token = scs::token::generate();
  const std::string cookie = "session=" + std::string{token.text()};
};

TEST_F(unheard, warnings_go_to_standard_error_once_and_without_the_visitor) {
  const std::string said = said_with(options());
  EXPECT_TRUE(said.starts_with("scs: payload_undecodable id=" + text_of(token.id()))) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  for (const std::string& hidden :
       {std::string{token.text()}, std::string{"ada"}, std::string{"secret"}})
    EXPECT_EQ(said.find(hidden), std::string::npos) << said;
}

TEST_F(unheard, warnings_are_switched_off_by_ignore_event) {
  scs::session_options chosen = options();
  chosen.on_event = scs::ignore_event;
  EXPECT_EQ(said_with(chosen), "");
}

TEST_F(unheard, warnings_are_without_the_id_where_that_is_the_token) {
  scs::session_options chosen = options();
  chosen.ids = scs::id_mode::raw;
  auto store = std::make_unique<scs::stores::memory>();
  store->commit(token.id(scs::id_mode::raw), "not a payload", scs::clock::system().now() + hours{1},
                std::nullopt, {});
  testing::internal::CaptureStderr();
  scs::session_manager sessions{std::move(store), chosen};
  scs::session session = sessions.load(std::string_view{cookie});
  EXPECT_EQ(session.get<int>("key"), std::nullopt);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(said.starts_with("scs: payload_undecodable cause=")) << said;
  EXPECT_EQ(said.find(token.text()), std::string::npos) << said;
}

}  // namespace

}  // namespace test
