// session_options::max_waiting_commits: while a store is slow, further commits are refused before
// they have changed anything, and everything else continues.

#include <string>

#include <gtest/gtest.h>

#include "world.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;

/// A store for which one commit may wait.
struct waiting_commits : testing::Test {
  static scs::session_options with_room_for(std::size_t commits) {
    scs::session_options options;
    options.idle_timeout = minutes{30};
    options.max_waiting_commits = commits;
    return options;
  }

  /// Calls the function while another request's commit waits for the store.
  template <class Function>
  void while_a_commit_waits(Function function) {
    world_.faults->before(call::commit, 1, function);
    browser{world_}.put("key", "of somebody else");
  }

  void expect_refusal(scs::session& session) {
    EXPECT_SCS_ERROR(world_.sessions.commit(session), errc::store_busy);
    world_.sessions.abandon(session);
  }

  world world_{with_room_for(1)};
};

TEST_F(waiting_commits, beyond_the_limit_are_refused_and_change_nothing) {
  browser visitor{world_};
  visitor.put("key", 1);
  while_a_commit_waits([&] {
    scs::session known = visitor.request();
    known.put("key", 2);
    expect_refusal(known);
    scs::session fresh = browser{world_}.request();
    fresh.put("key", 2);
    expect_refusal(fresh);
  });
  EXPECT_EQ(visitor.get<int>("key"), 1);
  EXPECT_EQ(world_.records().size(), 2U);
  EXPECT_EQ(world_.count(scs::event_kind::store_busy), 2);
  visitor.put("key", 3);
  EXPECT_EQ(visitor.get<int>("key"), 3) << "there is room again";
}

TEST_F(waiting_commits, are_not_limited_unless_asked_for) {
  world unlimited;
  unlimited.faults->before(call::commit, 1, [&] { browser{unlimited}.put("key", 1); });
  browser{unlimited}.put("key", 2);
  EXPECT_EQ(unlimited.records().size(), 2U);
}

TEST_F(waiting_commits, leave_reading_alone) {
  browser visitor{world_};
  visitor.put("key", 1);
  world_.clock.advance(minutes{20});  // the idle time would be extended
  while_a_commit_waits([&] {
    const int touches = world_.faults->calls(call::touch);
    visitor.visit([](scs::session& session) { EXPECT_EQ(session.get<int>("key"), 1); });
    EXPECT_EQ(world_.faults->calls(call::touch), touches) << "that would wait, too";
  });
  world_.clock.advance(minutes{5});
  visitor.visit([](scs::session& session) { session.touch(); });
  world_.clock.advance(minutes{25});
  EXPECT_EQ(visitor.get<int>("key"), 1) << "a later request has extended it";
}

TEST_F(waiting_commits, refuse_no_logout) {
  browser visitor{world_};
  visitor.put("key", 1);
  while_a_commit_waits([&] {
    visitor.visit([](scs::session& session) { session.destroy(); });
    EXPECT_FALSE(visitor.get<int>("key"));
  });
}

TEST_F(waiting_commits, refuse_no_commit_that_has_begun) {
  browser visitor{world_};
  visitor.put("key", 1);
  const auto logs_out_and_in = [&] {
    visitor.visit([](scs::session& session) {
      session.destroy();
      session.put("key", 2);
    });
  };
  while_a_commit_waits(logs_out_and_in);
  EXPECT_EQ(visitor.get<int>("key"), 2);
  scs::session saved = visitor.request();
  saved.put("key", 3);
  saved.save();
  while_a_commit_waits([&] {
    saved.put("key", 4);
    visitor.finish(saved);
  });
  EXPECT_EQ(visitor.get<int>("key"), 4);
}

TEST_F(waiting_commits, refuse_no_commit_after_the_revocation_of_the_other_sessions) {
  browser visitor{world_};
  visitor.visit([](scs::session& session) { session.set_user("tom"); });
  scs::session session = visitor.request();
  world_.sessions.revoke_others(session);
  while_a_commit_waits([&] { visitor.finish(session); });
  scs::session after = visitor.request();
  EXPECT_EQ(after.user(), "tom");
}

TEST_F(waiting_commits, include_updates_which_act_at_once) {
  browser visitor{world_};
  visitor.put("key", 1);
  while_a_commit_waits([&] {
    scs::session session = visitor.request();
    EXPECT_SCS_ERROR(
        session.update<int>("key", [](std::optional<int> before) { return *before + 1; }),
        errc::store_busy);
  });
  EXPECT_EQ(visitor.get<int>("key"), 1);
}

TEST_F(waiting_commits, include_those_that_were_announced) {
  browser visitor{world_};
  visitor.put("key", 1);
  scs::session first = visitor.request();
  first.put("key", 2);
  world_.sessions.announce_commit(first);
  {
    scs::session second = browser{world_}.request();
    second.put("key", 1);
    EXPECT_SCS_ERROR(world_.sessions.announce_commit(second), errc::store_busy);
    scs::session reader = visitor.request();
    EXPECT_EQ(reader.get<int>("key"), 1);
    world_.sessions.announce_commit(reader);  // it has nothing to store
  }
  visitor.finish(first);
  EXPECT_EQ(visitor.get<int>("key"), 2);
  for (int i = 0; i < 3; ++i) {  // a session dropped without its commit frees its place
    scs::session dropped = visitor.request();
    dropped.put("key", 3);
    world_.sessions.announce_commit(dropped);
  }
  visitor.put("key", 4);
  EXPECT_EQ(visitor.get<int>("key"), 4);
}

TEST_F(waiting_commits, leave_their_place_when_the_store_fails) {
  browser visitor{world_};
  for (int i = 0; i < 3; ++i) {
    world_.faults->before(call::commit, 1, [] { throw scs::error(errc::store_failed, "down"); });
    scs::session session = visitor.request();
    session.put("key", 1);
    EXPECT_SCS_ERROR(world_.sessions.commit(session), errc::store_failed);
  }
  visitor.put("key", 1);
  EXPECT_EQ(visitor.get<int>("key"), 1);
}

}  // namespace

}  // namespace test
