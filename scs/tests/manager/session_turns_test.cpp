#include "manager/session_turns.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "world.hpp"

namespace scs::detail {

namespace {

using namespace std::chrono_literals;
using call = test::faulty_store::call;

struct session_turns_test : testing::Test {
  session_turns turns;
  const session_id id = session_id::from_text("h:one");

  /// is_wanted() does not return how many wait.
  static void let_others_wait() { std::this_thread::sleep_for(20ms); }
};

TEST_F(session_turns_test, are_wanted_while_somebody_has_one) {
  EXPECT_FALSE(turns.is_wanted(id));
  {
    session_turn turn{turns, id};
    EXPECT_FALSE(turn.is_wanted());
    EXPECT_FALSE(turn.take(1s)) << "nobody had to be waited for";
    EXPECT_TRUE(turns.is_wanted(id));
  }
  EXPECT_FALSE(turns.is_wanted(id));
}

TEST_F(session_turns_test, come_in_the_order_of_arrival) {
  std::vector<int> order;
  std::vector<std::jthread> threads;
  {
    session_turn first{turns, id};
    first.take(1s);
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&, i] {
        session_turn turn{turns, id};
        EXPECT_TRUE(turn.take(10s));
        order.push_back(i);  // one at a time
      });
      let_others_wait();
    }
  }
  threads.clear();
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
  EXPECT_FALSE(turns.is_wanted(id));
}

TEST_F(session_turns_test, are_left_out_by_a_thread_that_has_one) {
  session_turn outer{turns, id};
  outer.take(1s);
  {
    session_turn inner{turns, id};
    EXPECT_FALSE(inner.take(10s));
  }
  EXPECT_TRUE(turns.is_wanted(id)) << "the inner one has ended the outer one";
}

TEST_F(session_turns_test, are_not_waited_for_beyond_the_limit) {
  std::optional<session_turn> first;
  first.emplace(turns, id).take(1s);
  std::jthread impatient{[&] {
    session_turn turn{turns, id};
    EXPECT_TRUE(turn.take(1ms));
    session_turn after_the_limit{turns, id};
    EXPECT_TRUE(after_the_limit.take(-1ms));
  }};
  impatient.join();
  std::atomic<bool> came = false;
  std::jthread next{[&] {
    session_turn turn{turns, id};
    turn.take(10s);
    came = true;
  }};
  let_others_wait();
  EXPECT_FALSE(came);
  first.reset();
  next.join();
  EXPECT_TRUE(came);
}

TEST_F(session_turns_test, pass_between_many_threads) {
  int count = 0;  // guarded by the turn
  constexpr int threads_count = 8;
  constexpr int rounds = 500;
  std::vector<std::jthread> threads;
  threads.reserve(threads_count);
  for (int i = 0; i < threads_count; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        session_turn turn{turns, id};
        turn.take(10s);
        ++count;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(count, threads_count * rounds);
  EXPECT_FALSE(turns.is_wanted(id));
}

/// Concurrent requests of one visitor.
struct requests_on_one_session : testing::Test {
  requests_on_one_session() { visitor.put("n", 0); }

  test::world world;
  test::browser visitor{world};
};

TEST(requests_on_one_session_in_memory, are_not_committed_in_place_while_another_one_waits) {
  session_manager sessions{std::make_unique<stores::memory>()};
  session first = sessions.load(std::string_view{});
  first.put("n", 0);
  const std::string set = test::find_header(sessions.commit(first), "Set-Cookie");
  const std::string cookie = set.substr(0, set.find(';'));
  session slow = sessions.load(cookie);
  int calls = 0;
  slow.update<int>("n", [&](std::optional<int> n) {
    session quick = sessions.load(cookie);
    quick.put("quick", ++calls);
    // After the conflict that the first commit causes, `slow` has the turn.
    EXPECT_EQ(sessions.try_commit(quick).has_value(), calls == 1);
    return *n + 1;
  });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(sessions.load(cookie).get<int>("n"), 1);
  EXPECT_EQ(sessions.load(cookie).get<int>("quick"), 1);
}

TEST_F(requests_on_one_session, read_again_before_they_try_after_a_wait) {
  session second = visitor.request();
  second.put("second", 1);
  world.faults->before(call::commit, 1, [this] { test::browser{visitor}.put("n", 5); });
  std::jthread other;
  session first = visitor.request();
  int calls = 0;
  first.update<int>("n", [&](std::optional<int> n) {
    if (++calls == 2) {
      other = std::jthread{[&] { visitor.finish(second); }};
      std::this_thread::sleep_for(20ms);
    }
    return *n + 1;
  });
  other.join();
  EXPECT_EQ(world.count(event_kind::conflict), 1) << "the one that waited has met a conflict";
  EXPECT_EQ(visitor.get<int>("n"), 6);
  EXPECT_EQ(visitor.get<int>("second"), 1);
}

}  // namespace

}  // namespace scs::detail
