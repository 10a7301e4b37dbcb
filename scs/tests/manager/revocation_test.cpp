// Rule 18 (revocation) of docs/session-rules.md: after a revocation only the session that the call
// excepts is logged in.

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "manager/users.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;
using scs::event_kind;

struct revocation : users {
  /// Makes one request that changes the password.
  void change_password(browser& owner) {
    scs::session session = owner.request();
    session.load();
    world.sessions.revoke_others(session);
    try {
      owner.finish(session);
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), errc::session_gone);
      owner.receive(world.sessions.abandon(session));
    }
  }
};

TEST_F(revocation, ends_what_an_attacker_renews_meanwhile) {
  for (const call during : {call::find, call::for_each_of_user, call::commit}) {
    for (int nth = 1; nth <= 5; ++nth) {
      browser owner{world};
      log_in(owner, "tom");
      browser thief{owner};
      scs::session session = owner.request();
      session.load();
      world.faults->before(during, nth,
                           [&] { thief.visit([](scs::session& stolen) { stolen.renew(); }); });
      world.sessions.revoke_others(session);
      EXPECT_EQ(user_of(thief), "") << nth;
      try {
        owner.finish(session);
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), errc::session_gone);
      }
      world.faults->forget_hooks();
      EXPECT_EQ(user_of(thief), "") << nth;
      world.sessions.revoke_all("tom");
    }
  }
}

TEST_F(revocation, ends_what_an_attacker_has_loaded_and_renews_afterwards) {
  browser owner{world};
  log_in(owner, "tom");
  browser thief{owner};
  scs::session stolen = thief.request();
  stolen.load();
  stolen.renew();
  change_password(owner);
  EXPECT_EQ(user_of(owner), "tom");
  EXPECT_SCS_ERROR(thief.finish(stolen), errc::session_gone);
  EXPECT_EQ(user_of(thief), "");
  EXPECT_EQ(count_of("tom"), 1U);
}

TEST_F(revocation, takes_the_present_sessions_old_token_from_whoever_has_it) {
  browser owner{world};
  log_in(owner, "tom");
  browser thief{owner};
  change_password(owner);
  EXPECT_EQ(user_of(owner), "tom");
  EXPECT_EQ(user_of(thief), "");
}

TEST_F(revocation, ends_a_login_whose_password_was_checked_before) {
  for (const bool has_session : {false, true}) {
    browser thief{world};
    if (has_session) thief.put("cart", 1);
    scs::session login = thief.request();
    login.load();
    world.sessions.revoke_all("tom");
    login.renew();
    login.set_user("tom");
    EXPECT_SCS_ERROR(thief.finish(login), errc::session_gone);
    thief.receive(world.sessions.abandon(login));
    EXPECT_EQ(user_of(thief), "");
    EXPECT_EQ(count_of("tom"), 0U);
  }
}

TEST_F(revocation, ends_a_login_without_a_new_token) {
  browser thief{world};
  thief.put("cart", 1);
  scs::session login = thief.request();
  login.set_user("tom");
  world.sessions.revoke_all("tom");
  EXPECT_SCS_ERROR(thief.finish(login), errc::session_gone);
  EXPECT_EQ(user_of(thief), "");
}

TEST_F(revocation, lets_a_login_that_begins_afterwards_live_though_the_clock_stands_still) {
  for (int i = 0; i < 3; ++i) {
    browser owner{world};
    log_in(owner, "tom");
    EXPECT_EQ(user_of(owner), "tom");
    EXPECT_EQ(world.sessions.revoke_all("tom"), 1U);
    EXPECT_EQ(user_of(owner), "");
  }
}

TEST_F(revocation, spares_a_session_that_is_updated_before_its_commit) {
  browser owner{world};
  log_in(owner, "tom");
  owner.visit([&](scs::session& session) {
    world.sessions.revoke_others(session);
    session.update<int>("count", [](std::optional<int> count) { return count.value_or(0) + 1; });
  });
  EXPECT_EQ(user_of(owner), "tom");
  EXPECT_EQ(owner.get<int>("count"), 1);
}

TEST_F(revocation, is_of_one_user) {
  browser tom{world}, ann{world};
  scs::session login = ann.request();
  login.load();
  world.sessions.revoke_all("tom");
  login.set_user("ann");
  ann.finish(login);
  EXPECT_EQ(user_of(ann), "ann");
  const std::string odd = "t\xC3\xB6m, with a name of more than forty bytes in all";
  log_in(tom, odd);
  EXPECT_EQ(user_of(tom), odd);
  EXPECT_EQ(world.sessions.revoke_all(odd), 1U);
  EXPECT_EQ(user_of(tom), "");
  EXPECT_EQ(user_of(ann), "ann");
}

TEST_F(revocation, ends_sessions_that_do_not_say_when_they_began) {
  browser old{world};
  log_in(old, "tom");
  const scs::session_id id = scs::token::parse(old.token())->id();
  scs::record record = world.kept->find(id).value();
  const std::size_t from = record.payload.find(",\"begun\":");
  const std::size_t to = record.payload.find_first_of(",}", from + 1);
  record.payload.erase(from, to - from);
  world.kept->commit(id, record.payload, record.expiry, record.revision, "tom");
  EXPECT_EQ(user_of(old), "tom");
  world.faults->before(call::for_each_of_user, 1, [] { throw std::runtime_error("down"); });
  EXPECT_SCS_ERROR(world.sessions.revoke_all("tom"), errc::store_failed);
  EXPECT_EQ(user_of(old), "") << "the watermark comes first";
  EXPECT_EQ(world.count(event_kind::revoked), 1);
}

TEST_F(revocation, serves_no_session_whose_watermark_cannot_be_read) {
  browser visitor{world};
  log_in(visitor, "tom");
  world.faults->before(call::find, 2, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.user(), errc::store_failed);
  world.faults->forget_hooks();
  world.sessions.revoke_all("tom");
  log_in(visitor, "tom");
  EXPECT_EQ(user_of(visitor), "tom");
  const scs::session_id mark = scs::session_id::from_text("w:=tom");
  const scs::record kept = world.kept->find(mark).value();
  world.kept->commit(mark, "{}", kept.expiry, kept.revision, {});
  scs::session again = visitor.request();
  EXPECT_SCS_ERROR(again.user(), errc::store_failed);
}

TEST_F(revocation, leaves_nothing_that_is_listed) {
  browser visitor{world};
  log_in(visitor, "tom");
  world.sessions.revoke_all("tom");
  EXPECT_TRUE(world.kept->find(scs::session_id::from_text("w:=tom")).has_value());
  int visited = 0;
  const auto count = [&](scs::session&) {
    ++visited;
    return scs::visit::next;
  };
  world.sessions.iterate(count);
  world.sessions.iterate("tom", count);
  EXPECT_EQ(visited, 0);
}

TEST_F(revocation, passes_over_what_it_has_ended) {
  browser ended{world}, other{world};
  log_in(ended, "tom");
  scs::session session = ended.request();
  session.load();
  world.sessions.revoke_others(session);
  EXPECT_EQ(count_of("tom"), 0U) << "until its commit";
  int visited = 0;
  world.sessions.iterate("tom", [&](scs::session&) {
    ++visited;
    return scs::visit::next;
  });
  EXPECT_EQ(visited, 0);
  scs::session taking = other.request();
  EXPECT_FALSE(taking.merge(ended.token()));
  ended.finish(session);
  EXPECT_EQ(count_of("tom"), 1U);
}

TEST_F(revocation, lets_its_request_take_over_nothing_that_it_has_ended) {
  browser owner{world}, other{world};
  log_in(owner, "tom");
  log_in(other, "tom");
  const scs::session_id id = scs::token::parse(other.token())->id();
  const scs::record lost = world.kept->find(id).value();
  scs::session session = owner.request();
  world.sessions.revoke_others(session);
  world.kept->commit(id, lost.payload, lost.expiry, std::nullopt, "tom");  // the erasure is lost
  EXPECT_FALSE(session.merge(other.token()));
}

TEST_F(revocation, is_remembered_as_long_as_the_longest_session_could_live) {
  browser visitor{world};
  log_in(visitor, "tom");
  const auto deadline = world.clock.now() + hours{24 * 1000};
  visitor.visit([&](scs::session& session) { session.set_deadline(deadline); });
  world.sessions.revoke_all("tom");
  EXPECT_GE(world.kept->find(scs::session_id::from_text("w:=tom"))->expiry, deadline);
}

TEST_F(revocation, logs_this_browser_out_too_if_its_handler_goes_on) {
  browser owner{world}, other{world};
  log_in(owner, "tom");
  log_in(other, "tom");
  owner.visit([&](scs::session& session) {
    EXPECT_EQ(world.sessions.revoke_all(session.user()), 2U);
    session.destroy();
    session.put("flash", "You are logged out everywhere.");
  });
  EXPECT_EQ(user_of(owner), "");
  EXPECT_EQ(owner.get<std::string>("flash"), "You are logged out everywhere.");
  EXPECT_EQ(user_of(other), "");
}

}  // namespace

}  // namespace test
