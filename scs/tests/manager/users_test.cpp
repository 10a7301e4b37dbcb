// All sessions of a user: rule 12 (users) of docs/session-rules.md.

#include "manager/users.hpp"

#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;
using scs::event_kind;

TEST_F(users, are_remembered_by_their_sessions) {
  browser visitor{world};
  EXPECT_EQ(user_of(visitor), "");
  visitor.visit([](scs::session& session) {
    session.set_user("tom");
    EXPECT_EQ(session.user(), "tom") << "at once";
    EXPECT_EQ(session.status(), scs::session_status::modified);
  });
  EXPECT_EQ(user_of(visitor), "tom") << "a session that has nothing but a user is stored";
  visitor.put("key", 1);
  EXPECT_EQ(user_of(visitor), "tom");
  visitor.visit([](scs::session& session) { session.update<int>("key", [](auto) { return 2; }); });
  EXPECT_EQ(user_of(visitor), "tom");
  visitor.visit([](scs::session& session) { session.renew(); });
  EXPECT_EQ(user_of(visitor), "tom");
}

TEST_F(users, are_written_where_gos_scs_does_not_look) {
  browser visitor{world};
  log_in(visitor, "tom", "Firefox");
  ASSERT_EQ(world.records().size(), 1U);
  EXPECT_EQ(world.records()[0].payload,
            R"({"data":{},"deadline":1800086400000000000,"user":"tom",)"
            R"("created":1800000000000000000,"where":"Firefox","seen":1800000000000000000,)"
            R"("begun":1800000000000000000})");
}

TEST_F(users, have_the_list_of_their_sessions) {
  browser first{world}, second{world}, other{world}, nobody{world};
  log_in(first, "tom", "at home");
  world.clock.advance(minutes{10});
  log_in(second, "tom", "on the road");
  log_in(other, "ann", "elsewhere");
  nobody.put("key", 1);
  EXPECT_EQ(places_of("tom"), (places{"on the road", "at home"})) << "last seen first";
  EXPECT_EQ(places_of("ann"), places{"elsewhere"});
  EXPECT_TRUE(places_of("bob").empty());
  EXPECT_TRUE(places_of("").empty());

  scs::session session = first.request();
  const auto listed = world.sessions.sessions_of(session);
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_FALSE(listed[0].current);
  EXPECT_TRUE(listed[1].current);
  EXPECT_EQ(listed[1].id, session.id());
  EXPECT_EQ(listed[1].created, world.clock.now() - minutes{10});
  EXPECT_EQ(listed[1].deadline, session.deadline());
  EXPECT_EQ(listed[1].id.text().substr(0, 2), "h:");
}

TEST_F(users, were_last_seen_as_exactly_as_the_throttle_says) {
  browser visitor{world};
  log_in(visitor, "tom");
  const auto seen = [&] { return world.sessions.sessions_of("tom").at(0).last_seen; };
  const auto login = world.clock.now();
  EXPECT_EQ(seen(), login);
  world.clock.advance(seconds{59});  // a twentieth is a minute
  visitor.get<int>("key");
  visitor.visit([](scs::session& session) { session.touch(); });
  EXPECT_EQ(seen(), login);
  world.clock.advance(seconds{2});
  visitor.visit([](scs::session& session) { session.touch(); });
  EXPECT_EQ(seen(), world.clock.now());
  world.clock.advance(seconds{5});
  visitor.put("key", 1);
  EXPECT_EQ(seen(), world.clock.now());
}

TEST_F(users, were_last_seen_at_their_last_commit_without_an_idle_timeout) {
  test::world endless;
  browser visitor{endless};
  log_in(visitor, "tom");
  endless.clock.advance(minutes{5});
  visitor.get<int>("key");
  const auto listed = endless.sessions.sessions_of("tom");
  EXPECT_EQ(listed.at(0).last_seen, endless.clock.now() - minutes{5});
  visitor.put("key", 1);
  EXPECT_EQ(endless.sessions.sessions_of("tom").at(0).last_seen, endless.clock.now());
}

TEST_F(users, change_and_leave) {
  browser visitor{world};
  log_in(visitor, "tom", "there");
  log_in(visitor, "ann");
  EXPECT_EQ(count_of("tom"), 0U);
  EXPECT_EQ(places_of("ann"), places{""}) << "the place is the new login's";
  visitor.visit([](scs::session& session) {
    session.put("key", 1);
    session.set_user("");
    EXPECT_EQ(session.user(), "");
  });
  EXPECT_EQ(count_of("ann"), 0U);
  EXPECT_EQ(world.records().size(), 3U) << "the session, and the tombstones of two renewals";
  EXPECT_EQ(user_of(visitor), "");

  log_in(visitor, "tom");
  visitor.visit([](scs::session& session) { session.destroy(); });
  EXPECT_EQ(count_of("tom"), 0U);
}

TEST_F(users, leave_when_the_session_is_cleared) {
  for (const auto& clear : std::vector<std::function<void(scs::session&)>>{
           [](scs::session& s) { s.clear(); }, [](scs::session& s) { s.renew_and_clear(); }}) {
    browser visitor{world};
    log_in(visitor, "tom");
    visitor.visit([&](scs::session& session) {
      clear(session);
      EXPECT_EQ(session.user(), "");
    });
    EXPECT_EQ(user_of(visitor), "");
    EXPECT_EQ(count_of("tom"), 0U);
    visitor.visit([&](scs::session& session) {
      clear(session);
      session.set_user("ann");
    });
    EXPECT_EQ(user_of(visitor), "ann");
  }
}

TEST_F(users, are_set_beside_what_other_requests_change) {
  browser visitor{world};
  visitor.put("a", 1);
  scs::session slow = visitor.request();
  slow.set_user("tom");
  visitor.put("b", 2);
  visitor.finish(slow);
  EXPECT_EQ(world.count(event_kind::conflict), 1);
  EXPECT_EQ(visitor.get<int>("b"), 2);
  EXPECT_EQ(user_of(visitor), "tom");
  EXPECT_EQ(count_of("tom"), 1U);
}

TEST_F(users, are_utf8_of_limited_size) {
  browser visitor{world};
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.set_user("\xff"), errc::invalid_value);
  EXPECT_SCS_ERROR(session.set_user(std::string(256, 'x')), errc::too_large);
  EXPECT_EQ(session.status(), scs::session_status::unmodified);
  session.set_user(std::string(255, 'x'), "\xff" + std::string(300, 'y') + "\xff");
  visitor.finish(session);
  EXPECT_EQ(places_of(std::string(255, 'x')), places{"\uFFFD" + std::string(253, 'y')});
}

TEST_F(users, can_end_one_of_their_sessions_and_nobody_elses) {
  browser first{world}, second{world}, other{world};
  log_in(first, "tom", "first");
  log_in(second, "tom", "second");
  log_in(other, "ann");
  const scs::session_id anns = world.sessions.sessions_of("ann").at(0).id;
  EXPECT_FALSE(world.sessions.revoke("tom", anns));
  EXPECT_FALSE(world.sessions.revoke("", anns));
  EXPECT_FALSE(world.sessions.revoke("tom", {}));
  EXPECT_FALSE(world.sessions.revoke("tom", scs::session_id::from_text(first.token())));
  EXPECT_EQ(user_of(other), "ann");
  scs::session session = first.request();
  for (const auto& listed : world.sessions.sessions_of(session)) {
    if (!listed.current) {
      EXPECT_TRUE(world.sessions.revoke("tom", listed.id));
      EXPECT_FALSE(world.sessions.revoke("tom", listed.id)) << "twice";
    }
  }
  EXPECT_EQ(places_of("tom"), places{"first"});
  EXPECT_EQ(user_of(second), "");
}

TEST_F(users, can_end_a_session_that_was_renewed_since_it_was_listed) {
  browser visitor{world};
  log_in(visitor, "tom");
  const scs::session_id listed = world.sessions.sessions_of("tom").at(0).id;
  visitor.visit([](scs::session& session) { session.renew(); });
  EXPECT_TRUE(world.sessions.revoke("tom", listed));
  EXPECT_EQ(user_of(visitor), "");
  EXPECT_TRUE(world.records().empty());
}

TEST_F(users, can_end_all_their_sessions) {
  browser visitors[]{browser{world}, browser{world}, browser{world}};
  for (browser& visitor : visitors)
    log_in(visitor, "tom");
  browser other{world};
  log_in(other, "ann");
  EXPECT_EQ(world.sessions.revoke_all("tom"), 3U);
  for (browser& visitor : visitors)
    EXPECT_EQ(user_of(visitor), "");
  EXPECT_EQ(world.sessions.revoke_all("tom"), 0U);
  EXPECT_EQ(world.sessions.revoke_all(""), 0U);
  EXPECT_EQ(user_of(other), "ann");
}

TEST_F(users, and_everybody_else_can_be_logged_out) {
  browser visitors[]{browser{world}, browser{world}, browser{world}};
  log_in(visitors[0], "tom");
  log_in(visitors[1], "ann");
  visitors[2].visit([](scs::session& session) { session.put("cart", 1); });
  // A tombstone does not count itself, and hides no session.
  visitors[2].visit([](scs::session& session) { session.renew(); });
  EXPECT_EQ(world.sessions.revoke_everybody(), 3U);
  EXPECT_EQ(user_of(visitors[0]), "");
  EXPECT_EQ(user_of(visitors[1]), "");
  visitors[2].visit([](scs::session& session) { EXPECT_FALSE(session.exists("cart")); });
  EXPECT_EQ(world.sessions.revoke_everybody(), 0U);
  log_in(visitors[0], "tom");
  EXPECT_EQ(user_of(visitors[0]), "tom");
}

TEST_F(users, are_logged_out_with_everybody_while_they_log_in_once_more) {
  browser known{world};
  log_in(known, "tom");
  browser under_way{world};
  scs::session session = under_way.request();
  session.set_user("tom");
  EXPECT_EQ(world.sessions.revoke_everybody(), 1U);
  EXPECT_SCS_ERROR(under_way.finish(session), scs::errc::session_gone);
  EXPECT_EQ(user_of(under_way), "");
}

TEST_F(users, are_not_logged_out_in_silence_if_the_store_fails) {
  browser visitor{world};
  log_in(visitor, "tom");
  world.faults->before(call::commit, 1, [] { throw std::runtime_error("the disk is full"); });
  EXPECT_SCS_ERROR(world.sessions.revoke_everybody(), scs::errc::store_failed);
  EXPECT_EQ(user_of(visitor), "tom");
  EXPECT_EQ(world.sessions.revoke_everybody(), 1U);
}

TEST_F(users, can_end_all_their_sessions_but_the_present_one) {
  browser first{world}, second{world};
  log_in(first, "tom", "first");
  log_in(second, "tom", "second");
  // Its tombstone leads to the session that must remain.
  first.visit([](scs::session& session) { session.renew(); });
  scs::session session = first.request();
  EXPECT_EQ(world.sessions.revoke_others(session), 1U);
  first.finish(session);
  EXPECT_EQ(places_of("tom"), places{"first"});
  EXPECT_EQ(user_of(first), "tom");
  EXPECT_EQ(user_of(second), "");
}

TEST_F(users, can_end_all_other_sessions_while_they_log_in) {
  browser first{world}, second{world};
  first.put("cart", 1);
  log_in(second, "tom");
  first.visit([&](scs::session& session) {
    session.renew();
    session.set_user("tom");
    EXPECT_EQ(world.sessions.revoke_others(session), 1U);
  });
  EXPECT_EQ(user_of(first), "tom");
  EXPECT_EQ(user_of(second), "");
  EXPECT_EQ(first.get<int>("cart"), 1);
}

TEST_F(users, leave_nothing_to_the_user_who_logs_in_over_their_session) {
  browser visitor{world};
  visitor.put("cart", "kept at the login");
  log_in(visitor, "tom");
  EXPECT_TRUE(visitor.get<std::string>("cart"));
  visitor.put("address", "tom's");
  visitor.visit([](scs::session& session) {
    session.set_user("tom");
    EXPECT_TRUE(session.exists("address")) << "the same user";
    session.renew();
    session.set_user("ann");
    EXPECT_FALSE(session.exists("address"));
    session.put("name", "Ann");
  });
  EXPECT_EQ(user_of(visitor), "ann");
  EXPECT_FALSE(visitor.get<std::string>("address"));
  EXPECT_FALSE(visitor.get<std::string>("cart"));
  EXPECT_EQ(visitor.get<std::string>("name"), "Ann");
}

// --- the limit ---

struct limited_users : testing::Test {
  test::world world{{.max_sessions_per_user = 2}};

  void log_in(browser& visitor, std::string_view where) {
    users::log_in(visitor, "tom", where);
    world.clock.advance(seconds{1});
  }
  std::set<std::string> places_of_tom() {
    std::set<std::string> found;
    for (const scs::user_session& session : world.sessions.sessions_of("tom"))
      found.insert(session.where);
    return found;
  }
};

using place_set = std::set<std::string>;

TEST_F(limited_users, lose_the_session_with_the_oldest_login) {
  browser a{world}, b{world}, c{world}, other{world};
  users::log_in(other, "ann");
  log_in(a, "a");
  log_in(b, "b");
  EXPECT_EQ(places_of_tom(), (place_set{"a", "b"}));
  a.put("key", 1);  // activity does not change the time of the login
  log_in(c, "c");
  EXPECT_EQ(places_of_tom(), (place_set{"b", "c"}));
  EXPECT_EQ(users::user_of(a), "");
  EXPECT_EQ(users::user_of(other), "ann");
  log_in(c, "c again");
  EXPECT_EQ(places_of_tom(), (place_set{"b", "c again"})) << "the same session, anew";
}

TEST_F(limited_users, do_not_lose_one_because_another_is_renewed) {
  browser a{world}, b{world}, c{world};
  log_in(a, "a");
  log_in(b, "b");
  world.faults->before(call::commit, 2, [&] { log_in(b, "b again"); });
  a.visit([](scs::session& session) { session.renew(); });
  EXPECT_EQ(places_of_tom(), (place_set{"a", "b again"}));
}

/// A login that keeps its token. `meanwhile` is what another request does before the sessions are
/// counted.
void log_in_again(test::world& world, browser& visitor, const std::function<void()>& meanwhile) {
  world.clock.advance(seconds{1});
  scs::session session = visitor.request();
  session.set_user("tom", "again", scs::session::at_login::keep_token);
  world.faults->before(call::for_each_of_user, 1, meanwhile);
  world.sessions.commit(session);
  world.faults->forget_hooks();
}

TEST_F(limited_users, lose_none_because_a_session_is_renewed_while_it_logs_in_again) {
  browser a{world}, b{world};
  log_in(a, "a");
  log_in(b, "b");
  log_in_again(world, b, [&] { b.visit([](scs::session& session) { session.renew(); }); });
  EXPECT_EQ(places_of_tom(), (place_set{"a", "again"}));
}

TEST_F(limited_users, lose_none_because_a_session_ends_while_it_logs_in_again) {
  browser a{world}, b{world};
  log_in(a, "a");
  log_in(b, "b");
  log_in_again(world, b, [&] { b.visit([](scs::session& session) { session.destroy(); }); });
  EXPECT_EQ(places_of_tom(), (place_set{"a"}));
}

TEST(limited_users_under_raw_ids, lose_none_because_a_session_is_renewed_while_it_logs_in_again) {
  test::world world{{.ids = scs::id_mode::raw, .max_sessions_per_user = 2}};
  browser a{world}, b{world};
  users::log_in(a, "tom", "a");
  users::log_in(b, "tom", "b");
  log_in_again(world, b, [&] { b.visit([](scs::session& session) { session.renew(); }); });
  EXPECT_EQ(users::user_of(a), "tom");
  EXPECT_EQ(users::user_of(b), "tom");
}

TEST_F(limited_users, lose_one_that_is_renewed_while_it_proves_to_be_the_oldest) {
  browser a{world}, b{world}, c{world};
  log_in(a, "a");
  log_in_again(world, a, [&] {
    world.faults->forget_hooks();
    a.visit([](scs::session& session) { session.renew(); });
    world.clock.advance(seconds{1});
    log_in(b, "b");
    log_in(c, "c");
    EXPECT_EQ(places_of_tom(), (place_set{"b", "c"}));
  });
  EXPECT_EQ(places_of_tom(), (place_set{"b", "c"}));
}

TEST_F(limited_users, are_not_logged_in_when_the_others_cannot_be_counted) {
  browser a{world}, b{world}, c{world};
  log_in(a, "a");
  log_in(b, "b");
  world.faults->before(call::for_each_of_user, 1, [] { throw std::runtime_error("down"); });
  scs::session session = c.request();
  session.set_user("tom", "c");
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  c.receive(world.sessions.abandon(session));
  EXPECT_EQ(users::user_of(c), "");
  EXPECT_EQ(places_of_tom(), (place_set{"a", "b"}));
  world.clock.advance(seconds{1});
  log_in(c, "c again");
  EXPECT_EQ(places_of_tom(), (place_set{"b", "c again"}));
}

TEST_F(limited_users, are_not_logged_in_when_the_oldest_session_cannot_be_ended) {
  browser a{world}, b{world}, c{world};
  log_in(a, "a");
  log_in(b, "b");
  for (const bool renews : {true, false}) {
    scs::session session = c.request();
    session.set_user("tom", "c",
                     renews ? scs::session::at_login::renew : scs::session::at_login::keep_token);
    // First the new record, and then the one that is to end.
    world.faults->before(call::commit, 2, [] { throw std::runtime_error("down"); });
    EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
    world.faults->forget_hooks();
    c.receive(world.sessions.abandon(session));
    EXPECT_EQ(users::user_of(c), "");
    EXPECT_EQ(places_of_tom(), (place_set{"a", "b"}));
  }
}

TEST_F(limited_users, do_not_count_the_session_that_a_login_takes_over) {
  browser a{world}, b{world}, c{world};
  log_in(a, "a");
  log_in(b, "b");
  c.visit([&](scs::session& session) {
    session.put("cart", 1);
    EXPECT_TRUE(session.merge(b.token()));
  });
  EXPECT_EQ(places_of_tom(), (place_set{"a", "b"})) << "the one of b at another browser";
  EXPECT_EQ(users::user_of(c), "tom");
  EXPECT_EQ(users::user_of(b), "");
}

TEST_F(limited_users, keep_as_many_as_they_may_have_when_they_log_in_at_once) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    scs::session_manager sessions{std::make_unique<faulty_store>(world.kept),
                                  {.max_sessions_per_user = 2, .clock = &world.clock}};
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&sessions] {
        scs::session session = sessions.load(std::string_view{});
        session.set_user("ann");
        try {
          sessions.commit(session);
        } catch (const scs::error& failure) {
          EXPECT_EQ(failure.code(), errc::session_gone) << "the others are newer";
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    EXPECT_EQ(sessions.sessions_of("ann").size(), 2U);
  }
}

// --- shared with Go's SCS ---

TEST(users_under_raw_ids, are_listed_without_their_tokens) {
  test::world world{{.ids = scs::id_mode::raw}};
  browser first{world}, second{world};
  users::log_in(first, "tom", "first");
  users::log_in(second, "tom", "second");
  first.visit([](scs::session& session) { session.renew(); });
  scs::session session = first.request();
  const auto listed = world.sessions.sessions_of(session);
  ASSERT_EQ(listed.size(), 2U);
  for (const scs::user_session& one : listed) {
    EXPECT_NE(one.id.text(), first.token());
    EXPECT_NE(one.id.text(), second.token());
    EXPECT_EQ(one.current, one.where == "first");
    if (one.current) continue;
    EXPECT_TRUE(world.sessions.revoke("tom", one.id));
  }
  EXPECT_FALSE(world.sessions.revoke("tom", scs::session_id::from_text(first.token())))
      << "a token is no id";
  EXPECT_EQ(users::user_of(second), "");
  users::log_in(second, "tom");
  EXPECT_EQ(world.sessions.revoke_others(session), 1U);
  first.finish(session);
  EXPECT_EQ(users::user_of(first), "tom");
  for (const scs::record& record : world.records())
    EXPECT_EQ(record.payload.find("renewed_from"), std::string::npos);
}

}  // namespace

}  // namespace test
