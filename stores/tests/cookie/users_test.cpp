// Rule 17 of docs/session-rules.md: users and their epochs.

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/cookie.hpp>

#include "cookie_sessions.hpp"

namespace test {

namespace {

class cookie_users : public cookie_sessions {
 protected:
  void SetUp() override {
    use({.lifetime = hours{1}}, {.epoch_of = [this](std::string_view user) {
          if (epochs_fail_) throw std::runtime_error("the table of users is down");
          return epochs_[std::string{user}];
        }});
  }

  /// Returns a browser's cookie for a session of this user.
  std::string cookie_of(const std::string& user) {
    const auto deadline = (clock_.now() + hours{1}).time_since_epoch().count();
    scs::stores::cookie store = store_with({secret});
    return std::string{name} + "=" +
           store.seal(name, {R"({"data":{"a":1},"deadline":)" + std::to_string(deadline) +
                                 R"(,"user":")" + user + "\"}",
                             clock_.now() + hours{1}, epochs_[user]});
  }

  std::map<std::string, std::uint64_t> epochs_;
  bool epochs_fail_ = false;
};

TEST_F(cookie_users, lose_all_their_sessions_when_their_epoch_is_raised) {
  epochs_["ann"] = 5;
  const std::string tom = cookie_of("tom");
  const std::string ann = cookie_of("ann");
  EXPECT_EQ(get_with(tom, "a"), 1);
  EXPECT_EQ(get_with(ann, "a"), 1);
  ++epochs_["tom"];
  EXPECT_FALSE(get_with(tom, "a"));
  EXPECT_EQ(count(scs::event_kind::cookie_refused), 1);
  EXPECT_EQ(get_with(ann, "a"), 1);
  EXPECT_EQ(get_with(cookie_of("tom"), "a"), 1) << "logged in again";
}

TEST_F(cookie_users, lose_also_the_session_of_a_request_that_is_under_way) {
  cookie_ = cookie_of("tom");
  scs::session session = load();
  session.put("b", 2);
  ++epochs_["tom"];
  answer(session);
  EXPECT_NE(set_cookie_, "");
  EXPECT_FALSE(get("b"));
  EXPECT_FALSE(get("a"));
}

// docs/store-cookie.md says that this cannot be avoided: nothing at the server knows of the login.
TEST_F(cookie_users, keep_a_login_that_is_committed_after_the_epoch_was_raised) {
  scs::session login = load();
  login.set_user("tom");
  ++epochs_["tom"];
  answer(login);
  EXPECT_EQ(load().user(), "tom");
  ++epochs_["tom"];
  EXPECT_EQ(load().user(), "");
}

TEST_F(cookie_users, keep_their_sessions_from_request_to_request) {
  epochs_["tom"] = 3;
  cookie_ = cookie_of("tom");
  put("b", 2);
  visit([](scs::session& session) { session.renew(); });
  put("c", 3);
  EXPECT_EQ(get("b"), 2);
  ++epochs_["tom"];
  EXPECT_FALSE(get("b"));
}

TEST_F(cookie_users, get_the_present_epoch_when_they_log_in) {
  epochs_["tom"] = 3;
  visit([](scs::session& session) {
    session.renew();
    session.set_user("tom", "a browser");
  });
  const std::string elsewhere = cookie_;
  cookie_.clear();
  visit([](scs::session& session) {
    session.set_user("tom");
    session.put("a", 1);
  });
  EXPECT_EQ(load().user(), "tom");
  // "Log out everywhere else": raise the epoch, and log this session in again.
  visit([&](scs::session& session) {
    EXPECT_EQ(session.user(), "tom");
    ++epochs_["tom"];
    session.set_user("tom");
  });
  EXPECT_EQ(get("a"), 1);
  EXPECT_EQ(load().user(), "tom");
  EXPECT_EQ(sessions_->load(std::string_view{elsewhere}).user(), "");
}

TEST_F(cookie_users, leave_their_session_behind_when_somebody_else_logs_in) {
  epochs_["ann"] = 7;
  cookie_ = cookie_of("tom");
  visit([](scs::session& session) {
    session.set_user("ann");  // which clears tom's values
    session.put("a", 1);
  });
  ++epochs_["tom"];
  EXPECT_EQ(get("a"), 1);
  ++epochs_["ann"];
  EXPECT_FALSE(get("a"));
}

TEST_F(cookie_users, are_not_taken_for_logged_out_when_their_epoch_cannot_be_told) {
  cookie_ = cookie_of("tom");
  epochs_fail_ = true;
  scs::session session = load();
  text_of_error(scs::errc::store_failed, [&] { session.get<int>("a"); });
  text_of_error(scs::errc::store_failed, [&] { sessions_->commit(session); });
  EXPECT_EQ(find_header(sessions_->abandon(session), "Set-Cookie"), "");
  epochs_fail_ = false;
  EXPECT_EQ(get("a"), 1);
}

}  // namespace

}  // namespace test
