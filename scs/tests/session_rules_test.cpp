// The rules of docs/session-rules.md, each attacked where requests overlap. Interleavings are made
// by hand: two sessions of one browser that take turns, or another request run by a hook of the
// store.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "world.hpp"

namespace test {

namespace {

using scs::errc;
using scs::event_kind;
using call = faulty_store::call;

const auto nothing = [](scs::session&) {};

struct rules : testing::Test {
  rules() { visitor.put("old", "value"); }

  scs::session_id id() const { return scs::token::parse(visitor.token())->id(); }
  std::string token_of(const std::vector<scs::header>& headers) const {
    browser other{world};
    other.receive(headers);
    return other.token();
  }

  mutable test::world world{{.lifetime = hours{24}, .idle_timeout = minutes{20}}};
  browser visitor{world};
};

// --- 1. Commit is compare-and-set ---

using rule_1 = rules;

TEST_F(rule_1, keeps_both_changes_of_different_keys) {
  scs::session first = visitor.request();
  scs::session second = visitor.request();
  first.put("a", 1);
  second.put("b", 2);
  visitor.finish(first);
  visitor.finish(second);
  EXPECT_EQ(visitor.get<int>("a"), 1);
  EXPECT_EQ(visitor.get<int>("b"), 2);
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
  EXPECT_EQ(world.count(event_kind::conflict), 1);
}

TEST_F(rule_1, lets_the_last_commit_of_the_same_key_win) {
  scs::session first = visitor.request();
  scs::session second = visitor.request();
  first.put("a", 1);
  second.put("a", 2);
  visitor.finish(second);
  visitor.finish(first);
  EXPECT_EQ(visitor.get<int>("a"), 1);
}

TEST_F(rule_1, removes_what_another_request_has_put) {
  scs::session first = visitor.request();
  first.remove("a");
  visitor.put("a", 1);
  visitor.finish(first);
  EXPECT_FALSE(visitor.get<int>("a"));
}

TEST_F(rule_1, clears_every_key_that_is_there_at_the_commit) {
  scs::session first = visitor.request();
  first.clear();
  first.put("mine", 1);
  visitor.put("theirs", 2);
  visitor.finish(first);
  scs::session session = visitor.request();
  EXPECT_EQ(session.keys(), std::vector<std::string>{"mine"});
}

TEST_F(rule_1, changes_the_deadline_only_by_an_explicit_call) {
  scs::session before = visitor.request();
  const scs::time_point deadline = before.deadline();
  EXPECT_EQ(deadline, world.clock.now() + hours{24});
  world.clock.advance(minutes{10});
  visitor.put("a", 1);
  EXPECT_EQ(visitor.request().deadline(), deadline);
  scs::session other = visitor.request();
  other.put("b", 1);
  const auto headers = visitor.visit([&](scs::session& s) { s.set_deadline(deadline + hours{1}); });
  EXPECT_NE(find_header(headers, "Set-Cookie"), "");
  visitor.finish(other);
  EXPECT_EQ(visitor.request().deadline(), deadline + hours{1});
}

TEST_F(rule_1, creates_a_session_only_where_none_exists) {
  /// Says that each id exists already, as if it had been guessed.
  struct crowded_store final : scs::store {
    std::optional<scs::record> find(const scs::session_id&) override { return std::nullopt; }
    scs::commit_result commit(const scs::session_id& id, std::string_view, scs::time_point,
                              const std::optional<std::string>& expected_revision,
                              std::string_view) override {
      EXPECT_FALSE(expected_revision) << "an existing session could be replaced";
      tried.insert(text_of(id));
      return {};
    }
    bool touch(const scs::session_id&, scs::time_point) override { return false; }
    std::optional<scs::record> erase(const scs::session_id&) override { return std::nullopt; }
    void for_each(const visitor&) override {}
    void for_each_of_user(std::string_view, const visitor&) override {}

    std::set<std::string> tried;
  };
  auto owned = std::make_unique<crowded_store>();
  const crowded_store& store = *owned;
  scs::session_manager sessions{std::move(owned)};
  scs::session session = sessions.load(std::string_view{});
  session.put("a", 1);
  EXPECT_SCS_ERROR(sessions.commit(session), errc::store_failed);
  EXPECT_EQ(session.token(), "");
  EXPECT_EQ(find_header(sessions.abandon(session), "Set-Cookie"), "");
  EXPECT_EQ(store.tried.size(), 3U) << "it tries with another token, and not for ever";
}

TEST_F(rule_1, tries_again_until_the_stores_timeout) {
  int writes = 0;
  world.faults->before_every(call::commit, [&] { visitor.put("theirs", ++writes); });
  scs::session session = visitor.request();
  session.put("mine", 1);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_timeout);
  EXPECT_GE(world.slept, seconds{5});
  EXPECT_GT(writes, 100);
  world.faults->forget_hooks();
  EXPECT_TRUE(world.sessions.abandon(session).size() == 1);  // Vary
  EXPECT_FALSE(visitor.get<int>("mine"));
}

TEST_F(rule_1, succeeds_as_soon_as_the_others_let_it) {
  for (int i = 1; i <= 5; ++i) {
    world.faults->before(call::commit, i, [this, i] { visitor.put("theirs", i); });
  }
  scs::session session = visitor.request();
  session.put("mine", 1);
  visitor.finish(session);
  EXPECT_EQ(visitor.get<int>("mine"), 1);
  EXPECT_EQ(visitor.get<int>("theirs"), 5);
  EXPECT_EQ(world.count(event_kind::conflict), 5);
}

// --- 2. Gone is gone ---

using rule_2 = rules;

TEST_F(rule_2, answers_as_usual_without_changes) {
  scs::session reader = visitor.request();
  EXPECT_EQ(reader.get<std::string>("old"), "value");
  browser{visitor}.visit([](scs::session& s) { s.destroy(); });
  EXPECT_EQ(find_header(world.sessions.commit(reader), "Set-Cookie"), "");
}

TEST_F(rule_2, fails_with_changes_and_sets_no_cookie) {
  for (const auto& end : std::vector<std::function<void(scs::session&)>>{
           [](scs::session& s) { s.destroy(); }, [](scs::session& s) { s.renew(); },
           [this](scs::session& s) { s.set_deadline(world.clock.now()); }}) {
    browser someone{world};
    someone.put("old", 1);
    for (const auto& change : std::vector<std::function<void(scs::session&)>>{
             [](scs::session& s) { s.put("a", 1); }, [](scs::session& s) { s.remove("old"); },
             [](scs::session& s) { s.clear(); }, [](scs::session& s) { s.renew(); },
             [](scs::session& s) { s.remember_me(); },
             [](scs::session& s) { s.set_deadline(s.deadline()); }}) {
      scs::session writer = someone.request();
      change(writer);
      browser copy{someone};
      copy.visit(end);
      EXPECT_SCS_ERROR(world.sessions.commit(writer), errc::session_gone);
      EXPECT_EQ(find_header(world.sessions.abandon(writer), "Set-Cookie"), "");
      someone = browser{world};
      someone.put("old", 1);
    }
  }
}

TEST_F(rule_2, counts_expired_as_gone) {
  scs::session writer = visitor.request();
  writer.put("a", 1);
  world.clock.advance(minutes{21});
  EXPECT_SCS_ERROR(world.sessions.commit(writer), errc::session_gone);
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_2, revives_nothing_between_two_tries) {
  scs::session writer = visitor.request();
  writer.put("a", 1);
  world.faults->before(call::commit, 1, [this] { visitor.put("theirs", 1); });
  world.faults->before(call::find, 1, [this] { world.sessions.revoke(id()); });
  writer.get<int>("a");
  EXPECT_SCS_ERROR(world.sessions.commit(writer), errc::session_gone);
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_2, writes_nothing_over_a_tombstone_that_a_conflict_has_read) {
  // Each finds out by a conflict that the session was renewed away, and goes on all the same.
  const auto update = [](scs::session& s) { s.update<int>("n", [](auto) { return 1; }); };
  const auto commit = [this](scs::session& s) {
    s.put("n", 1);
    world.sessions.commit(s);
  };
  using steps = std::vector<std::function<void(scs::session&)>>;
  for (const auto& first : steps{update, commit}) {
    for (const auto& second : steps{update, commit}) {
      browser someone{world};
      someone.put("old", 1);
      const browser late{someone};
      scs::session session = late.request();
      session.load();
      someone.visit([](scs::session& s) { s.renew(); });
      EXPECT_SCS_ERROR(first(session), errc::session_gone);
      EXPECT_SCS_ERROR(second(session), errc::session_gone);
      EXPECT_EQ(session.token(), "");
      EXPECT_FALSE(late.request().exists("n"));
      session.destroy();
      EXPECT_FALSE(someone.get<int>("old")) << "the logout has lost its way to the new session";
    }
  }
}

TEST_F(rule_2, counts_a_session_past_its_deadline_as_gone_though_the_record_is_there) {
  for (const auto& change : std::vector<std::function<void(scs::session&)>>{
           [](scs::session& s) { s.put("a", 1); }, [](scs::session& s) { s.renew(); },
           [this](scs::session& s) { s.set_deadline(world.clock.now() + hours{1}); },
           [](scs::session& s) { s.update<int>("a", [](auto) { return 1; }); }}) {
    browser someone{world};
    someone.put("old", 1);
    someone.visit([this](scs::session& s) { s.set_deadline(world.clock.now() + minutes{1}); });
    // As a request that knew the old deadline leaves it behind.
    world.kept->touch(scs::token::parse(someone.token())->id(), world.clock.now() + minutes{20});
    scs::session writer = someone.request();
    writer.load();
    world.clock.advance(minutes{2});
    EXPECT_SCS_ERROR(
        {
          change(writer);
          someone.finish(writer);
        },
        errc::session_gone);
    EXPECT_FALSE(someone.get<int>("old"));
  }
}

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

/// A log in: what a handler does after the right password.
void log_in(scs::session& session) {
  session.renew();
  session.set_user("tom");
  session.put("logged in", true);
}

TEST_F(rule_3, lets_a_login_on_a_tombstone_begin_a_session) {
  browser late{visitor};
  visitor.visit(log_in);  // its answer is lost
  const std::vector<scs::header> answer = late.visit(log_in);
  EXPECT_THAT(find_header(answer, "Set-Cookie"), testing::StartsWith("__Host-session="));
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
  // The second login's two commits: its new record, and the tombstone's confirmation.
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
  // And with a revocation that comes after it, by the user or by the first login's session.
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
  late.visit(log_in);  // the store is back
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
  late.put("a", 1);  // an unknown token by now: a new session
  EXPECT_NE(late.token(), visitor.token());
}

TEST_F(rule_3, starts_again_when_another_request_was_faster) {
  // The first commit writes the new record, the second the tombstone.
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
  // Before the renewal's nth call of the store, a logout with the old token.
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
  logout.load();  // knows the record as it was before the renewals
  for (int i = 0; i < 100; ++i)
    visitor.visit([](scs::session& s) { s.renew(); });
  logout.destroy();
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_3, loses_against_a_logout_with_which_it_takes_turns) {
  // The renewal comes between the logout's look at the record and its erasure.
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

// --- 4. Destroy, and 5. a handler that throws ---

using rule_4 = rules;

TEST_F(rule_4, acts_on_the_store_at_once) {
  scs::session session = visitor.request();
  session.destroy();
  EXPECT_TRUE(world.records().empty());
  EXPECT_TRUE(session.keys().empty());
}

TEST_F(rule_4, clears_the_cookie_even_with_an_error) {
  scs::session session = visitor.request();
  session.put("a", 1);
  session.destroy();
  const auto headers = world.sessions.abandon(session);
  EXPECT_NE(find_header(headers, "Set-Cookie").find("=; "), std::string::npos);
  EXPECT_NE(find_header(headers, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(find_header(headers, "Cache-Control"), "no-store");
}

TEST_F(rule_4, begins_a_new_session_with_the_first_put_after_it) {
  const std::string before = visitor.token();
  visitor.visit([](scs::session& s) {
    s.put("lost", 1);
    s.destroy();
    s.put("new", 2);
  });
  EXPECT_NE(visitor.token(), before);
  EXPECT_EQ(visitor.request().keys(), std::vector<std::string>{"new"});
}

TEST_F(rule_4, clears_the_cookie_when_the_new_session_cannot_be_stored) {
  scs::session session = visitor.request();
  session.destroy();
  session.put("new", 2);
  world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_NE(find_header(world.sessions.abandon(session), "Set-Cookie").find("Max-Age=0"),
            std::string::npos);
}

TEST_F(rule_4, can_be_tried_again_after_the_store_failed) {
  world.faults->before(call::commit, 1, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.destroy(), errc::store_failed);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_NO_THROW(session.destroy());
  EXPECT_NE(find_header(world.sessions.commit(session), "Set-Cookie"), "");
  EXPECT_TRUE(world.records().empty());
}

TEST_F(rule_4, ends_all_sessions_that_the_browser_has_sent) {
  // The first live one is the request's, but the next request would find another one.
  browser second{world};
  second.put("old", "second");
  browser renewed{world};
  renewed.put("old", "third");
  const std::string tombstone = renewed.cookie();
  renewed.visit([](scs::session& s) { s.renew(); });
  scs::session session =
      world.sessions.load(visitor.cookie() + "; " + second.cookie() + "; " + tombstone);
  EXPECT_EQ(session.get<std::string>("old"), "value");
  session.destroy();
  EXPECT_FALSE(visitor.get<std::string>("old"));
  EXPECT_FALSE(second.get<std::string>("old"));
  EXPECT_FALSE(renewed.get<std::string>("old"));
  EXPECT_TRUE(world.records().empty());
  EXPECT_EQ(world.count(event_kind::destroyed), 3);
}

TEST_F(rule_4, finds_its_way_again_after_a_failure_in_the_middle) {
  // A renewal comes between the logout's look and its erasure, and the store fails at each call
  // after that in turn. Whoever logs out again with the old token must reach the new session.
  for (int nth = 1; nth <= 8; ++nth) {
    for (const bool took_place : {false, true}) {
      browser someone{world};
      someone.put("old", 1);
      const browser late{someone};
      scs::session logout = late.request();
      logout.load();
      const auto fail = [&, calls = 0](bool after) mutable {
        if (after == took_place && ++calls == nth) throw std::runtime_error("down");
      };
      world.faults->before(call::commit, 1,
                           [&] { someone.visit([](scs::session& s) { s.renew(); }); });
      world.faults->around_every(fail);
      try {
        logout.destroy();
      } catch (const scs::error&) {
      }
      world.faults->forget_hooks();
      scs::session again = late.request();
      again.destroy();
      EXPECT_FALSE(someone.request().exists("old")) << nth << took_place;
    }
  }
}

TEST_F(rule_4, beats_a_write_in_flight) {
  scs::session writer = visitor.request();
  writer.put("a", 1);
  world.faults->before(call::commit, 1,
                       [this] { browser{visitor}.visit([](scs::session& s) { s.destroy(); }); });
  EXPECT_SCS_ERROR(world.sessions.commit(writer), errc::session_gone);
  EXPECT_TRUE(world.records().empty());
}

using rule_5 = rules;

TEST_F(rule_5, discards_the_changes_of_a_handler_that_threw) {
  scs::session session = visitor.request();
  session.put("a", 1);
  session.renew();
  EXPECT_EQ(find_header(world.sessions.abandon(session), "Set-Cookie"), "");
  EXPECT_FALSE(visitor.get<int>("a"));
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
  EXPECT_EQ(world.sessions.commit(session).size(), 1U) << "nothing is left to commit";
  EXPECT_FALSE(visitor.get<int>("a"));
}

// --- 6. update ---

using rule_6 = rules;

constexpr auto add_one = [](std::optional<int> n) { return n.value_or(0) + 1; };

TEST_F(rule_6, stores_now_and_keeps_it_when_the_handler_throws) {
  scs::session session = visitor.request();
  session.put("pending", 1);
  EXPECT_EQ(session.update<int>("n", add_one), 1);
  EXPECT_EQ(visitor.get<int>("n"), 1);
  EXPECT_FALSE(visitor.get<int>("pending"));
  world.sessions.abandon(session);
  EXPECT_EQ(visitor.get<int>("n"), 1);
  EXPECT_FALSE(visitor.get<int>("pending"));
}

TEST_F(rule_6, runs_again_on_what_others_stored_meanwhile) {
  scs::session session = visitor.request();
  session.load();
  for (int i = 1; i <= 3; ++i) {
    world.faults->before(call::commit, i, [this] {
      browser{visitor}.visit([](scs::session& s) { s.update<int>("n", add_one); });
    });
  }
  int runs = 0;
  const int stored = session.update<int>("n", [&](std::optional<int> n) {
    ++runs;
    return n.value_or(0) + 1;
  });
  EXPECT_EQ(stored, 4);
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(visitor.get<int>("n"), 4);
  EXPECT_EQ(session.get<int>("n"), 4);
}

TEST_F(rule_6, starts_from_this_requests_own_value) {
  visitor.visit([](scs::session& s) {
    s.put("n", 10);
    s.put("other", 1);
    EXPECT_EQ(s.update<int>("n", add_one), 11);
    EXPECT_EQ(s.get<int>("n"), 11);
  });
  EXPECT_EQ(visitor.get<int>("n"), 11);
  EXPECT_EQ(visitor.get<int>("other"), 1);
}

TEST_F(rule_6, is_not_undone_by_a_clear_before_it) {
  visitor.visit([](scs::session& s) {
    s.put("n", 10);
    s.clear();
    EXPECT_EQ(s.update<int>("n", add_one), 1);
  });
  EXPECT_EQ(visitor.request().keys(), std::vector<std::string>{"n"});
  EXPECT_EQ(visitor.get<int>("n"), 1);
}

TEST_F(rule_6, stores_nothing_when_the_function_throws) {
  scs::session session = visitor.request();
  EXPECT_THROW(session.update<int>("n", [](auto) -> int { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_SCS_ERROR(session.update<int>("old", add_one), errc::wrong_type);
  EXPECT_FALSE(visitor.get<int>("n"));
  EXPECT_EQ(session.status(), scs::session_status::unmodified);
}

TEST_F(rule_6, fails_when_the_session_is_gone) {
  scs::session session = visitor.request();
  session.load();
  browser{visitor}.visit([](scs::session& s) { s.destroy(); });
  EXPECT_SCS_ERROR(session.update<int>("n", add_one), errc::session_gone);
  EXPECT_TRUE(world.records().empty());
}

// --- 7. Touch, expiry and deadline ---

using rule_7 = rules;

TEST_F(rule_7, enforces_the_smaller_of_expiry_and_deadline) {
  // Raw records, as somebody else may write them.
  const scs::token token = scs::token::generate();
  const auto deadline = world.clock.now() + seconds{10};
  world.kept->commit(
      token.id(),
      R"({"data":{"k":1},"deadline":)" + std::to_string(deadline.time_since_epoch().count()) + "}",
      world.clock.now() + hours{1}, std::nullopt, "");
  const std::string cookie = "__Host-session=" + std::string{token.text()};
  EXPECT_EQ(world.sessions.load(cookie).get<int>("k"), 1);
  world.clock.advance(seconds{10});
  EXPECT_FALSE(world.sessions.load(cookie).get<int>("k"));
  EXPECT_EQ(world.count(event_kind::expired), 1);
}

TEST_F(rule_7, lowers_the_expiry_only_with_the_deadline) {
  world.kept->touch(id(), world.clock.now() + hours{5});  // as another manager's idle time may
  visitor.put("a", 1);
  EXPECT_EQ(world.records().at(0).expiry, world.clock.now() + hours{5});
  visitor.visit([this](scs::session& s) { s.set_deadline(world.clock.now() + hours{9}); });
  EXPECT_EQ(world.records().at(0).expiry, world.clock.now() + hours{9} - hours{4});
  visitor.visit([this](scs::session& s) { s.set_deadline(world.clock.now() + minutes{1}); });
  EXPECT_EQ(world.records().at(0).expiry, world.clock.now() + minutes{1});
}

TEST_F(rule_7, reports_a_touch_that_failed_and_goes_on) {
  world.clock.advance(minutes{10});
  world.faults->before(call::touch, 1, [] { throw std::runtime_error("down"); });
  EXPECT_NO_THROW(visitor.visit([](scs::session& s) { s.get<int>("a"); }));
  EXPECT_EQ(world.count(event_kind::touch_failed), 1);
}

TEST_F(rule_7, changes_no_revision_by_a_touch) {
  scs::session writer = visitor.request();
  writer.put("a", 1);
  world.clock.advance(minutes{10});
  browser{visitor}.visit([](scs::session& s) { s.touch(); });
  EXPECT_EQ(world.faults->calls(call::touch), 1);
  visitor.finish(writer);
  EXPECT_EQ(world.count(event_kind::conflict), 0);
}

// --- 8. Idle time ---

using rule_8 = rules;

TEST_F(rule_8, ends_a_session_that_is_not_used) {
  world.clock.advance(minutes{20});
  EXPECT_FALSE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, keeps_a_session_that_is_used_until_its_deadline) {
  const int requests = 24 * 60 / 15;
  for (int i = 0; i < requests - 1; ++i) {
    world.clock.advance(minutes{15});
    visitor.visit([&](scs::session& s) { ASSERT_EQ(s.get<std::string>("old"), "value") << i; });
  }
  world.clock.advance(minutes{15});
  EXPECT_FALSE(visitor.get<std::string>("old")) << "lives longer than its limit";
}

TEST_F(rule_8, counts_only_requests_that_loaded_the_session) {
  world.clock.advance(minutes{15});
  visitor.visit(nothing);
  world.clock.advance(minutes{15});
  EXPECT_FALSE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, counts_a_touch_and_a_request_that_failed) {
  world.clock.advance(minutes{15});
  visitor.visit([](scs::session& s) { s.touch(); });
  world.clock.advance(minutes{15});
  scs::session failed = visitor.request();
  failed.load();
  world.sessions.abandon(failed);
  world.clock.advance(minutes{15});
  EXPECT_TRUE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, extends_at_most_once_per_twentieth) {
  for (int i = 0; i < 120; ++i) {
    world.clock.advance(seconds{10});
    visitor.visit([](scs::session& s) { EXPECT_TRUE(s.exists("old")); });
  }
  EXPECT_EQ(world.faults->calls(call::touch), 20);
}

TEST_F(rule_8, dies_at_most_a_twentieth_early) {
  world.clock.advance(seconds{59});
  visitor.visit([](scs::session& s) { s.touch(); });
  EXPECT_EQ(world.faults->calls(call::touch), 0);
  world.clock.advance(minutes{19});
  EXPECT_TRUE(visitor.get<std::string>("old"));
}

TEST_F(rule_8, sends_no_cookie_for_a_touch) {
  world.clock.advance(minutes{10});
  EXPECT_EQ(find_header(visitor.visit([](scs::session& s) { s.exists("old"); }), "Set-Cookie"), "");
  EXPECT_EQ(world.faults->calls(call::touch), 1);
}

// --- 9. Identifiers ---

using rule_9 = rules;

TEST_F(rule_9, tells_the_store_no_token) {
  world.kept->for_each([this](const scs::session_id& id, const scs::record& record) {
    EXPECT_TRUE(id.text().starts_with("h:"));
    EXPECT_EQ(id.text().find(visitor.token()), std::string_view::npos);
    EXPECT_EQ(record.payload.find(visitor.token()), std::string::npos);
    // What is stolen from the store opens nothing.
    for (const std::string& stolen : {std::string{id.text()}, std::string{id.text().substr(2)}}) {
      EXPECT_FALSE(world.sessions.load("__Host-session=" + stolen).exists("old"));
    }
    return scs::visit::next;
  });
}

TEST_F(rule_9, keeps_no_tombstone_in_raw_mode) {
  test::world raw{{.ids = scs::id_mode::raw}};
  browser someone{raw};
  someone.put("key", 1);
  EXPECT_TRUE(raw.kept->find(scs::session_id::from_text(someone.token())));
  someone.visit([](scs::session& s) { s.renew(); });
  EXPECT_EQ(someone.get<int>("key"), 1);
  EXPECT_EQ(raw.records().size(), 1U);
}

// --- 10. Several cookies of one name ---

using rule_10 = rules;

TEST_F(rule_10, takes_the_first_live_one_of_at_most_four) {
  const auto with_unknown = [this](int count) {
    std::string line;
    for (int i = 0; i < count; ++i) {
      line += "__Host-session=" + new_token() + "; ";
    }
    return line + visitor.cookie();
  };
  EXPECT_TRUE(world.sessions.load(with_unknown(3)).exists("old"));
  EXPECT_FALSE(world.sessions.load(with_unknown(4)).exists("old"));
  browser other{world};
  other.put("old", "other");
  EXPECT_EQ(world.sessions.load(other.cookie() + "; " + visitor.cookie()).get<std::string>("old"),
            "other");
}

TEST_F(rule_10, counts_only_what_looks_like_a_token) {
  std::string line;
  for (int i = 0; i < 100; ++i)
    line += "__Host-session=no-token; ";
  EXPECT_TRUE(world.sessions.load(line + visitor.cookie()).exists("old"));
}

TEST_F(rule_10, prefers_a_live_one_to_a_tombstone) {
  const std::string renewed_away = visitor.cookie();
  visitor.visit([](scs::session& s) { s.renew(); });
  scs::session session = world.sessions.load(renewed_away + "; " + visitor.cookie());
  session.put("a", 1);
  EXPECT_NO_THROW(world.sessions.commit(session));
  EXPECT_EQ(visitor.get<int>("a"), 1);
}

// --- 11. A store that is down ---

using rule_11 = rules;

TEST_F(rule_11, makes_the_error_stick) {
  world.faults->before(call::find, 1, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.get<int>("a"), errc::store_failed);
  EXPECT_SCS_ERROR(session.put("a", 1), errc::store_failed);  // though the store is up again
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_EQ(find_header(world.sessions.abandon(session), "Set-Cookie"), "");
  EXPECT_EQ(visitor.get<std::string>("old"), "value");
}

TEST_F(rule_11, clears_the_cookie_of_a_logout_all_the_same) {
  world.faults->before(call::find, 1, [] { throw std::runtime_error("down"); });
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.destroy(), errc::store_failed);
  EXPECT_SCS_ERROR(world.sessions.commit(session), errc::store_failed);
  EXPECT_NE(find_header(world.sessions.abandon(session), "Set-Cookie").find("Max-Age=0"),
            std::string::npos);
}

TEST_F(rule_11, keeps_the_stores_own_error_inside) {
  world.faults->before(call::find, 1, [] {
    throw std::system_error(std::make_error_code(std::errc::no_space_on_device), "disk");
  });
  scs::session session = visitor.request();
  try {
    session.load();
    FAIL();
  } catch (const scs::error& failure) {
    EXPECT_NE(std::string{failure.what()}.find("disk"), std::string::npos);
    EXPECT_THROW(std::rethrow_if_nested(failure), std::system_error);
  }
}

}  // namespace

}  // namespace test
