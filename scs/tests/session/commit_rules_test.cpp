// Rules 1 (commit), 2 (gone is gone) and 6 (update) of docs/session-rules.md.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
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

TEST_F(rule_1, removes_what_another_request_has_changed) {
  visitor.put("a", 0);
  scs::session first = visitor.request();
  first.remove("a");
  visitor.put("a", 1);
  visitor.finish(first);
  EXPECT_FALSE(visitor.get<int>("a"));
}

TEST_F(rule_1, leaves_a_key_that_was_absent_for_whoever_removed_it) {
  scs::session first = visitor.request();
  first.remove("a");
  visitor.put("a", 1);
  visitor.finish(first);
  EXPECT_EQ(visitor.get<int>("a"), 1);
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
  /// Reports that each id exists already, as if it had been guessed.
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
  // Each detects by a conflict that the session was renewed, and continues nevertheless.
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
    // As a request leaves it that knew the old deadline.
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

}  // namespace

}  // namespace test
