// Rule 3 (renewal) of docs/session-rules.md.

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "session/rules.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;
using scs::event_kind;

// --- 3. Renew ---

using rule_3 = rules;

TEST_F(rule_3, gives_a_new_token_and_keeps_the_data) {
  const std::string before = visitor.token();
  world.clock.advance(minutes{10});
  visitor.visit([](scs::session& s) {
    s.renew();
    s.put("user", "tom");
    s.renew();
  });
  EXPECT_NE(visitor.token(), before);
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
  EXPECT_EQ(visitor.get<std::string>("user"), "tom");
  EXPECT_EQ(visitor.request().deadline(), world.clock.now() + hours{24})
      << "lifetime not restarted";
  EXPECT_EQ(world.count(event_kind::renewed), 1) << "several renewals in a request are one";
}

TEST_F(rule_3, clears_and_renews_in_one_step) {
  visitor.visit([](scs::session& s) {
    s.clear();
    s.renew();
    s.put("user", "tom");
  });
  EXPECT_EQ(visitor.request().keys(), std::vector<std::string>{"user"});
}

TEST_F(rule_3, leaves_a_tombstone_that_loads_as_an_empty_session) {
  browser late{visitor};
  visitor.visit([](scs::session& s) { s.renew(); });
  scs::session reader = late.request();
  EXPECT_TRUE(reader.keys().empty());
  EXPECT_EQ(reader.token(), "");
  EXPECT_EQ(find_header(world.sessions.commit(reader), "Set-Cookie"), "");
  scs::session writer = late.request();
  writer.put("a", 1);
  EXPECT_SCS_ERROR(world.sessions.commit(writer), errc::session_gone);
  scs::session updater = late.request();
  EXPECT_SCS_ERROR(updater.update<int>("n", [](auto) { return 1; }), errc::session_gone);
  EXPECT_EQ(world.records().size(), 2U);
}

/// A login: what a handler does after the right password.
void log_in(scs::session& session) {
  session.renew();
  session.set_user("tom");
  session.put("logged in", true);
}

TEST_F(rule_3, lets_a_login_on_a_tombstone_begin_a_session) {
  browser late{visitor};
  visitor.visit(log_in);  // its response is lost
  const std::vector<scs::header> answer = late.visit(log_in);
  EXPECT_THAT(find_header(answer, "Set-Cookie"), testing::StartsWith("__Host-Http-session="));
  EXPECT_NE(late.token(), visitor.token());
  EXPECT_EQ(late.get<bool>("logged in"), true);
  EXPECT_EQ(late.get<std::string>("old"), std::nullopt) << "taken from the tombstone's session";
  EXPECT_EQ(visitor.get<std::string>("old"), "value") << "the first login's session was changed";
  EXPECT_EQ(world.count(scs::event_kind::created), 2);
}

TEST_F(rule_3, begins_no_session_on_a_tombstone_for_which_nothing_is_put) {
  browser late{visitor};
  visitor.visit([](scs::session& s) { s.renew(); });
  const std::vector<scs::header> answer = late.visit([](scs::session& s) { s.renew(); });
  EXPECT_EQ(find_header(answer, "Set-Cookie"), "");
  EXPECT_EQ(world.records().size(), 2U);
}

TEST_F(rule_3, updates_a_session_that_begins_on_a_tombstone_with_the_request) {
  browser late{visitor};
  visitor.visit([](scs::session& s) { s.renew(); });
  late.visit([](scs::session& s) {
    s.renew();
    EXPECT_EQ(s.update<int>("n", [](std::optional<int> n) { return n.value_or(0) + 1; }), 1);
  });
  EXPECT_EQ(late.get<int>("n"), 1);
}

TEST_F(rule_3, lets_two_logins_on_one_tombstone_begin_two_sessions) {
  browser late{visitor};
  browser later{visitor};
  visitor.visit(log_in);
  world.faults->before(call::commit, 2, [&] { later.visit(log_in); });  // before the confirmation
  late.visit(log_in);
  EXPECT_EQ(late.get<bool>("logged in"), true);
  EXPECT_EQ(later.get<bool>("logged in"), true);
  EXPECT_EQ(world.records().size(), 4U) << "three sessions and the tombstone";
}

TEST_F(rule_3, lets_no_login_on_a_tombstone_outlive_a_revocation) {
  // The second login's two commits store its new record and confirm the tombstone.
  for (const int nth : {1, 2}) {
    browser first{world};
    first.put("old", 1);
    browser late{first};
    first.visit(log_in);
    world.faults->before(call::commit, nth, [&] { world.sessions.revoke_all("tom"); });
    scs::session second = late.request();
    log_in(second);
    EXPECT_SCS_ERROR(late.finish(second), errc::session_gone);
    EXPECT_TRUE(world.sessions.sessions_of("tom").empty()) << nth;
  }
  // The same with a later revocation, by the user or by the first login's session.
  browser first{world};
  first.put("old", 1);
  browser late{first};
  first.visit(log_in);
  late.visit(log_in);
  world.sessions.revoke_all("tom");
  EXPECT_EQ(late.get<bool>("logged in"), std::nullopt);
}

TEST_F(rule_3, lets_no_login_on_a_tombstone_outlive_a_logout_by_its_cookie) {
  browser late{visitor};
  visitor.visit(log_in);
  browser third{late};
  world.faults->before(call::commit, 1, [&] { third.visit([](auto& s) { s.destroy(); }); });
  scs::session second = late.request();
  log_in(second);
  EXPECT_SCS_ERROR(late.finish(second), errc::session_gone);
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_3, leaves_nothing_of_a_login_on_a_tombstone_that_the_store_failed) {
  browser late{visitor};
  visitor.visit(log_in);
  const std::size_t before = world.records().size();
  for (const int nth : {1, 2}) {
    scs::session second = late.request();
    log_in(second);
    world.faults->before(call::commit, nth, [] { throw std::runtime_error("down"); });
    EXPECT_SCS_ERROR(late.finish(second), errc::store_failed);
    EXPECT_EQ(world.records().size(), before) << nth;
  }
  late.visit(log_in);  // the store works again
  EXPECT_EQ(late.get<bool>("logged in"), true);
}

TEST_F(rule_3, begins_nothing_for_a_request_that_finds_its_session_renewed_at_the_commit) {
  browser late{visitor};
  scs::session session = late.request();
  session.renew();
  session.put("a", 1);
  world.faults->before(call::commit, 1, [this] { visitor.visit([](auto& s) { s.renew(); }); });
  EXPECT_SCS_ERROR(late.finish(session), errc::session_gone);
  EXPECT_SCS_ERROR(late.finish(session), errc::session_gone);
  EXPECT_EQ(world.records().size(), 2U);
}

TEST_F(rule_3, keeps_the_tombstone_for_a_minute) {
  browser late{visitor};
  visitor.visit([](scs::session& s) { s.renew(); });
  world.clock.advance(seconds{59});
  EXPECT_EQ(world.records().size(), 2U);
  world.clock.advance(seconds{1});
  EXPECT_EQ(world.records().size(), 1U);
  late.put("a", 1);  // the token is unknown now: a new session begins
  EXPECT_NE(late.token(), visitor.token());
}

TEST_F(rule_3, starts_again_when_another_request_was_faster) {
  // The first commit stores the new record, and the second one the tombstone.
  world.faults->before(call::commit, 2, [this] { browser{visitor}.put("theirs", 1); });
  visitor.visit([](scs::session& s) {
    s.renew();
    s.put("mine", 1);
  });
  EXPECT_EQ(visitor.get<int>("theirs"), 1);
  EXPECT_EQ(visitor.get<int>("mine"), 1);
  EXPECT_EQ(world.records().size(), 2U) << "the record of the first try is left over";
}

TEST_F(rule_3, lets_one_of_two_renewals_win) {
  browser slow{visitor};
  scs::session second = slow.request();
  second.renew();
  world.faults->before(call::commit, 2, [this] { visitor.visit([](auto& s) { s.renew(); }); });
  EXPECT_SCS_ERROR(slow.finish(second), errc::session_gone);
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
  EXPECT_EQ(world.records().size(), 2U);
}

TEST_F(rule_3, loses_against_a_logout_at_any_moment) {
  // A logout with the old token comes before the renewal's nth call to the store.
  for (const auto& [which, nth] :
       std::vector<std::pair<call, int>>{{call::find, 1}, {call::commit, 1}, {call::commit, 2}}) {
    browser someone{world};
    someone.put("old", 1);
    const std::size_t others = world.records().size() - 1;
    world.faults->before(which, nth,
                         [&] { browser{someone}.visit([](scs::session& s) { s.destroy(); }); });
    scs::session session = someone.request();
    session.renew();
    session.put("user", 1);
    try {
      someone.finish(session);
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), errc::session_gone);
    }
    if (which != call::find) {
      EXPECT_EQ(world.records().size(), others) << nth;
    }
    EXPECT_EQ(someone.get<int>("old"), std::nullopt);
  }
}

TEST_F(rule_3, loses_against_a_logout_that_comes_after_it) {
  browser late{visitor};
  visitor.visit([](scs::session& s) { s.renew(); });
  late.visit([](scs::session& s) { s.destroy(); });
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_3, loses_against_a_logout_that_was_in_flight) {
  browser late{visitor};
  scs::session logout = late.request();
  logout.load();  // reads the record as it was before the renewals
  for (int i = 0; i < 100; ++i)
    visitor.visit([](scs::session& s) { s.renew(); });
  logout.destroy();
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_3, loses_against_a_logout_with_which_it_takes_turns) {
  // The renewal comes between the logout's read of the record and its erasure.
  browser late{visitor};
  scs::session logout = late.request();
  logout.load();
  world.faults->before(call::commit, 1, [this] { visitor.visit([](auto& s) { s.renew(); }); });
  logout.destroy();
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_3, loses_against_a_revocation_of_the_old_id) {
  const scs::session_id old = id();
  visitor.visit([](scs::session& s) { s.renew(); });
  visitor.visit([](scs::session& s) { s.renew(); });
  world.sessions.revoke(old);
  EXPECT_FALSE(visitor.get<std::string>("old"));
}

TEST_F(rule_3, survives_tombstones_that_lead_in_a_circle) {
  const auto a = scs::session_id::from_text("a");
  const auto b = scs::session_id::from_text("b");
  const auto tombstone = [](const char* to) {
    return R"({"data":{},"deadline":1900000000000000000,"moved_to":")" + std::string{to} + "\"}";
  };
  for (const char* first : {"a", "b"}) {
    world.kept->commit(a, tombstone(first), world.clock.now() + hours{1}, std::nullopt, "");
    world.kept->commit(b, tombstone("a"), world.clock.now() + hours{1}, std::nullopt, "");
    world.sessions.revoke(a);
    EXPECT_FALSE(world.kept->find(a));
    world.kept->erase(b);
  }
}

TEST_F(rule_3, changes_nothing_on_a_session_that_was_never_stored) {
  browser fresh{world};
  fresh.visit([](scs::session& s) {
    s.renew();
    s.put("a", 1);
  });
  EXPECT_EQ(fresh.get<int>("a"), 1);
  EXPECT_EQ(world.count(event_kind::renewed), 0);
  EXPECT_EQ(world.records().size(), 2U);
}

TEST_F(rule_3, leaves_nothing_behind_when_the_store_fails_half_way) {
  world.faults->before(call::commit, 2, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  session.renew();
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_EQ(world.records().size(), 1U);
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
}

TEST_F(rule_3, leaves_no_record_of_a_creation_that_failed_after_it_took_place) {
  bool armed = true;
  world.faults->around_every([&](bool after) {
    if (after && std::exchange(armed, false)) throw std::runtime_error("connection lost");
  });
  browser fresh{world};
  EXPECT_SCS_ERROR(fresh.put("a", 1), errc::store_failed);
  EXPECT_EQ(world.records().size(), 1U);
  scs::session session = visitor.request();
  session.load();
  session.renew();
  armed = true;
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_EQ(world.records().size(), 1U);
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
}

}  // namespace

}  // namespace test
