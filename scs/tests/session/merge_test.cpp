// session::merge(): another session, whose token was kept elsewhere, is merged.

#include <stdexcept>

#include <gtest/gtest.h>

#include "world.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;

struct merge : testing::Test {
  test::world world;
  browser mine{world}, other{world};

  merge() {
    other.visit([](scs::session& session) {
      session.put("cart", "book");
      session.put("both", "theirs");
    });
  }

  static std::string user_of(browser& visitor) {
    scs::session session = visitor.request();
    return session.user();
  }
};

TEST_F(merge, takes_the_values_and_ends_the_other) {
  mine.visit([](scs::session& session) {
    session.put("both", "mine");
    session.put("kept", 1);
  });
  const auto deadline = mine.request().deadline();
  world.clock.advance(minutes{1});
  mine.visit([&](scs::session& session) {
    EXPECT_TRUE(session.merge(other.token()));
    EXPECT_EQ(session.get<std::string>("cart"), "book");
    EXPECT_EQ(session.status(), scs::session_status::modified);
    EXPECT_EQ(other.get<std::string>("cart"), "book") << "not before the commit";
  });
  EXPECT_EQ(mine.get<std::string>("cart"), "book");
  EXPECT_EQ(mine.get<std::string>("both"), "theirs");
  EXPECT_EQ(mine.get<int>("kept"), 1);
  EXPECT_EQ(mine.request().deadline(), deadline);
  EXPECT_FALSE(other.get<std::string>("cart"));
  EXPECT_EQ(world.records().size(), 1U);
}

TEST_F(merge, begins_a_session_where_there_is_none) {
  const auto headers =
      mine.visit([&](scs::session& session) { EXPECT_TRUE(session.merge(other.token())); });
  EXPECT_NE(find_header(headers, "Set-Cookie"), "");
  EXPECT_NE(mine.token(), other.token());
  EXPECT_EQ(mine.get<std::string>("cart"), "book");
  EXPECT_FALSE(other.get<std::string>("cart"));
}

TEST_F(merge, changes_nothing_without_another_live_session) {
  mine.put("kept", 1);
  browser renewed{world}, over{world};
  renewed.put("key", 1);
  const std::string old_token = renewed.token();
  renewed.visit([](scs::session& session) { session.renew(); });
  over.visit([&](scs::session& session) {
    session.put("key", 1);
    session.set_deadline(world.clock.now() + seconds{1});
  });
  world.clock.advance(seconds{1});
  mine.visit([&](scs::session& session) {
    for (const std::string& token : {std::string{}, std::string{"short"}, new_token(), mine.token(),
                                     old_token, over.token(), std::string(43, ':')}) {
      EXPECT_FALSE(session.merge(token)) << token;
    }
    EXPECT_EQ(session.status(), scs::session_status::unmodified);
  });
  EXPECT_EQ(mine.get<int>("kept"), 1);
  EXPECT_EQ(renewed.get<int>("key"), 1) << "an old token leads nobody to the new session";
}

TEST_F(merge, takes_the_user_only_if_there_is_none) {
  other.visit([](scs::session& session) { session.set_user("tom", "there"); });
  mine.put("kept", 1);
  mine.visit([&](scs::session& session) { EXPECT_TRUE(session.merge(other.token())); });
  EXPECT_EQ(user_of(mine), "tom");
  const auto listed = world.sessions.sessions_of("tom");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].where, "there");

  browser anns{world};
  anns.visit([](scs::session& session) { session.set_user("ann"); });
  mine.visit([&](scs::session& session) {
    EXPECT_SCS_ERROR(session.merge(anns.token()), errc::invalid_value);
    EXPECT_EQ(session.status(), scs::session_status::unmodified);
  });
  EXPECT_EQ(user_of(anns), "ann");
  EXPECT_EQ(user_of(mine), "tom");
}

TEST_F(merge, takes_the_earlier_deadline_with_the_user) {
  other.visit([](scs::session& session) { session.set_user("tom"); });
  const auto end = other.request().deadline();
  for (const bool renews : {false, true, false}) {
    world.clock.advance(minutes{10});
    browser next{world};
    next.visit([&](scs::session& session) {
      EXPECT_TRUE(session.merge(other.token()));
      if (renews) session.renew();
    });
    EXPECT_EQ(user_of(next), "tom");
    EXPECT_EQ(next.request().deadline(), end);
    other = next;
  }
}

TEST_F(merge, is_dropped_with_everything_else_when_the_handler_throws) {
  scs::session session = mine.request();
  EXPECT_TRUE(session.merge(other.token()));
  world.sessions.abandon(session);
  EXPECT_EQ(other.get<std::string>("cart"), "book");
}

TEST_F(merge, is_dropped_when_the_session_is_gone) {
  mine.put("kept", 1);
  scs::session session = mine.request();
  EXPECT_TRUE(session.merge(other.token()));
  mine.visit([](scs::session& s) { s.destroy(); });
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::session_gone);
  EXPECT_EQ(other.get<std::string>("cart"), "book");
}

TEST_F(merge, loses_no_update_of_the_other) {
  mine.put("kept", 1);
  scs::session session = mine.request();
  EXPECT_TRUE(session.merge(other.token()));
  other.put("cart", "two books");
  mine.finish(session);
  EXPECT_EQ(mine.get<std::string>("cart"), "two books");
  EXPECT_EQ(mine.get<int>("kept"), 1);
}

TEST_F(merge, follows_the_other_when_it_is_renewed) {
  scs::session session = mine.request();
  EXPECT_TRUE(session.merge(other.token()));
  other.visit([](scs::session& s) {
    s.renew();
    s.put("late", 1);
  });
  mine.finish(session);
  EXPECT_EQ(mine.get<int>("late"), 1);
  EXPECT_FALSE(other.get<std::string>("cart"));
  EXPECT_EQ(world.records().size(), 1U);
}

TEST_F(merge, can_be_tried_again_when_the_store_failed) {
  // The first commit stores what was merged, and the second one ends the other session.
  world.faults->before(call::commit, 2, [] { throw std::runtime_error("down"); });
  scs::session session = mine.request();
  EXPECT_TRUE(session.merge(other.token()));
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_EQ(other.get<std::string>("cart"), "book") << "nothing is lost";
  mine.receive(world.sessions.abandon(session));
  EXPECT_EQ(mine.get<std::string>("cart"), "book") << "its cookie came with the error";
}

}  // namespace

}  // namespace test
