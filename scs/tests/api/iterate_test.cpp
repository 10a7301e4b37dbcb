#include <map>
#include <stdexcept>

#include <gtest/gtest.h>

#include "world.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;

struct iterate : testing::Test {
  test::world world{{.lifetime = hours{24}, .idle_timeout = minutes{20}}};
  browser a{world}, b{world};

  iterate() {
    a.put("n", 1);
    b.visit([](scs::session& session) {
      session.put("n", 2);
      session.set_user("tom");
    });
  }
};

TEST_F(iterate, shows_every_live_session) {
  b.visit([](scs::session& session) { session.renew(); });  // leaves a tombstone
  world.kept->commit(scs::token::generate().id(), "broken", world.clock.now() + hours{1},
                     std::nullopt, "");
  std::map<int, std::string> users;
  world.sessions.iterate([&](scs::session& session) {
    users[session.get_or("n", 0)] = session.user();
    EXPECT_EQ(session.token(), "");
    EXPECT_FALSE(session.id().empty());
    EXPECT_EQ(session.deadline(), world.clock.now() + hours{24});
    EXPECT_EQ(session.keys(), std::vector<std::string>{"n"});
    return scs::visit::next;
  });
  EXPECT_EQ(users, (std::map<int, std::string>{{1, ""}, {2, "tom"}}));
  EXPECT_EQ(world.count(scs::event_kind::payload_undecodable), 1);
}

TEST_F(iterate, shows_the_sessions_of_one_user) {
  int visited = 0;
  const auto count = [&](scs::session& session) {
    EXPECT_EQ(session.get<int>("n"), 2);
    ++visited;
    return scs::visit::next;
  };
  world.sessions.iterate("tom", count);
  EXPECT_EQ(visited, 1);
  world.sessions.iterate("", count);
  EXPECT_EQ(visited, 1);
}

TEST_F(iterate, stores_what_is_changed_and_nothing_else) {
  const int before = world.faults->calls(call::commit);
  world.sessions.iterate([](scs::session& session) {
    if (session.user() == "tom") session.put("n", 20);
    return scs::visit::next;
  });
  EXPECT_EQ(world.faults->calls(call::commit), before + 1);
  EXPECT_EQ(world.faults->calls(call::touch), 0);
  EXPECT_EQ(a.get<int>("n"), 1);
  EXPECT_EQ(b.get<int>("n"), 20);
}

TEST_F(iterate, is_no_activity) {
  world.clock.advance(minutes{15});
  world.sessions.iterate([](scs::session& session) {
    session.put("seen by the administrator", true);
    return scs::visit::next;
  });
  const auto listed = world.sessions.sessions_of("tom");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].last_seen, world.clock.now() - minutes{15});
  world.clock.advance(minutes{6});
  EXPECT_FALSE(a.get<int>("n"));
}

TEST_F(iterate, can_end_sessions) {
  world.sessions.iterate([](scs::session& session) {
    session.destroy();
    return scs::visit::next;
  });
  EXPECT_FALSE(a.get<int>("n"));
  EXPECT_FALSE(b.get<int>("n"));
  EXPECT_TRUE(world.records().empty());
}

TEST_F(iterate, can_shorten_lives) {
  world.sessions.iterate([&](scs::session& session) {
    session.set_deadline(world.clock.now() + minutes{1});
    return scs::visit::next;
  });
  EXPECT_EQ(a.get<int>("n"), 1);
  world.clock.advance(minutes{1});
  EXPECT_FALSE(a.get<int>("n"));
}

TEST_F(iterate, applies_changes_beside_those_of_requests) {
  world.sessions.iterate("tom", [&](scs::session& session) {
    b.put("theirs", 1);
    session.put("mine", 1);
    return scs::visit::next;
  });
  EXPECT_EQ(b.get<int>("theirs"), 1);
  EXPECT_EQ(b.get<int>("mine"), 1);
}

TEST_F(iterate, passes_over_what_ends_meanwhile) {
  world.sessions.iterate("tom", [&](scs::session& session) {
    b.visit([](scs::session& s) { s.destroy(); });
    session.put("late", 1);
    return scs::visit::next;
  });
  EXPECT_EQ(world.records().size(), 1U) << "revived nothing";
}

TEST_F(iterate, stops_when_told_to) {
  int visited = 0;
  world.sessions.iterate([&](scs::session&) {
    ++visited;
    return scs::visit::stop;
  });
  EXPECT_EQ(visited, 1);
}

TEST_F(iterate, passes_exceptions_on_and_drops_the_changes) {
  EXPECT_THROW(world.sessions.iterate([](scs::session& session) -> scs::visit {
    session.put("n", 99);
    throw std::out_of_range("mine");
  }),
               std::out_of_range);
  EXPECT_EQ(a.get<int>("n"), 1);
  EXPECT_EQ(b.get<int>("n"), 2);
}

TEST_F(iterate, does_not_renew_what_nobody_would_get_the_token_of) {
  world.sessions.iterate("tom", [](scs::session& session) {
    EXPECT_SCS_ERROR(session.renew(), errc::invalid_value);
    return scs::visit::next;
  });
  EXPECT_EQ(b.get<int>("n"), 2);
}

TEST_F(iterate, begins_no_session_that_nobody_would_get) {
  EXPECT_SCS_ERROR(world.sessions.iterate("tom",
                                          [](scs::session& session) {
                                            session.destroy();
                                            session.put("n", 3);
                                            return scs::visit::next;
                                          }),
                   errc::invalid_value);
  EXPECT_EQ(world.records().size(), 1U) << "only the other visitor's";
}

TEST_F(iterate, reports_a_store_that_fails) {
  world.faults->before(call::for_each, 1, [] { throw std::runtime_error("down"); });
  EXPECT_SCS_ERROR(world.sessions.iterate([](scs::session&) { return scs::visit::next; }),
                   errc::store_failed);
  world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
  EXPECT_SCS_ERROR(world.sessions.iterate([](scs::session& session) {
    session.put("n", 0);
    return scs::visit::next;
  }),
                   errc::store_failed);
}

}  // namespace

}  // namespace test
