// The tool for handlers' unit tests, used as in such a test.

#include <stdexcept>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/testing.hpp>

namespace test {

namespace {

using namespace std::chrono_literals;

void log_in(scs::session& session, std::string_view name) {
  session.renew();
  session.set_user(name);
  session.put("greeting", "Welcome");
}

TEST(testing_visitor, shows_what_a_handler_did) {
  scs::testing::visitor visitor;
  EXPECT_FALSE(visitor.has_session());
  visitor.arrange([](scs::session& session) { session.put("cart", 3); });
  EXPECT_TRUE(visitor.has_session());
  const std::string before = visitor.token();

  const auto done = visitor.visit([](scs::session& session) { log_in(session, "tom"); });
  EXPECT_FALSE(done.failure);
  EXPECT_TRUE(done.renewed);
  EXPECT_FALSE(done.created);
  EXPECT_TRUE(done.sets_token);
  EXPECT_NE(visitor.token(), before);
  EXPECT_EQ(visitor.user(), "tom");
  EXPECT_EQ(visitor.get<int>("cart"), 3);
  EXPECT_EQ(visitor.keys(), (std::vector<std::string>{"cart", "greeting"}));
  EXPECT_TRUE(visitor.exists("greeting"));
  EXPECT_NE(visitor.json().find(R"("cart":3)"), std::string::npos);
  EXPECT_EQ(visitor.manager().sessions_of("tom").size(), 1U);

  const auto shown = visitor.visit(
      [](scs::session& session) { EXPECT_EQ(session.pop<std::string>("greeting"), "Welcome"); });
  EXPECT_FALSE(shown.sets_token || shown.clears_token || shown.renewed);
  EXPECT_FALSE(visitor.exists("greeting"));

  const auto out = visitor.visit([](scs::session& session) { session.destroy(); });
  EXPECT_TRUE(out.destroyed);
  EXPECT_TRUE(out.clears_token);
  EXPECT_FALSE(visitor.has_session());
  EXPECT_EQ(visitor.token(), "");
}

TEST(testing_visitor, drops_what_a_handler_that_throws_has_changed) {
  scs::testing::visitor visitor;
  visitor.arrange([](scs::session& session) { session.put("kept", 1); });
  const auto done = visitor.visit([](scs::session& session) {
    session.put("lost", 1);
    throw std::runtime_error("mine");
  });
  EXPECT_THROW(std::rethrow_exception(done.failure), std::runtime_error);
  EXPECT_FALSE(visitor.exists("lost"));
  EXPECT_TRUE(visitor.exists("kept"));
  EXPECT_THROW(visitor.arrange([](scs::session&) { throw std::runtime_error("mine"); }),
               std::runtime_error);
}

TEST(testing_visitor, reports_a_commit_that_fails) {
  scs::testing::visitor visitor;
  visitor.arrange([](scs::session& session) { session.set_user("tom"); });
  const auto done = visitor.visit([&](scs::session& session) {
    session.put("late", 1);
    visitor.manager().revoke_all("tom");
  });
  try {
    std::rethrow_exception(done.failure);
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::session_gone);
  }
  EXPECT_FALSE(visitor.has_session());
}

TEST(testing_visitor, works_by_hand) {
  scs::testing::visitor visitor;
  scs::session& session = visitor.begin();
  session.put("n", 1);
  EXPECT_FALSE(visitor.exists("n")) << "not before the end";
  const auto done = visitor.finish();
  EXPECT_TRUE(done.created);
  EXPECT_EQ(visitor.get<int>("n"), 1);
  EXPECT_TRUE(visitor.finish().headers.empty()) << "nothing was begun";
}

TEST(testing_visitor, turns_the_clock) {
  scs::testing::visitor visitor{{.lifetime = 1h}};
  visitor.arrange([](scs::session& session) { session.put("n", 1); });
  EXPECT_EQ(visitor.deadline(), visitor.now() + 1h);
  visitor.advance(59min);
  EXPECT_TRUE(visitor.has_session());
  visitor.advance(1min);
  EXPECT_FALSE(visitor.has_session());
}

TEST(testing_visitor, lets_a_test_be_the_attacker) {
  scs::testing::visitor victim;
  victim.set_token(std::string(43, 'A'));
  victim.arrange([](scs::session& session) { log_in(session, "tom"); });
  EXPECT_NE(victim.token(), std::string(43, 'A'));
  EXPECT_EQ(victim.events().front().kind, scs::event_kind::created);
}

TEST(testing_visitor, carries_the_token_in_a_header_if_told_so) {
  scs::testing::visitor visitor{{.transport = scs::header_transport{}}};
  EXPECT_TRUE(visitor.visit([](scs::session& session) { session.put("n", 1); }).sets_token);
  EXPECT_EQ(visitor.get<int>("n"), 1);
  EXPECT_TRUE(visitor.visit([](scs::session& session) { session.destroy(); }).clears_token);
  EXPECT_FALSE(visitor.has_session());
}

}  // namespace

}  // namespace test
