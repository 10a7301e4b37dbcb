// What stores that wait for a server share: the time of a request, warnings, clocks.

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/store/request_time.hpp>
#include <scs/store/store_reports.hpp>

#include "world.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;

TEST(request_time, counts_slow_calls_of_one_request_together) {
  std::chrono::nanoseconds spent{900ms};
  const auto left = [] { return scs::timed_call{1s}.deadline() - steady_clock::now(); };
  EXPECT_GT(left(), 900ms) << "not a session's";
  const scs::request_time_scope request{spent};
  EXPECT_LT(left(), 150ms);
  for (int i = 0; i < 1000; ++i)
    left();
  EXPECT_GT(left(), 50ms) << "quick calls count as nothing";
  spent = 10s;
}

TEST(request_time, begins_anew_when_a_session_goes_on_after_it_was_stored) {
  test::world world;
  std::vector<bool> had_all;  // for each commit: whether it had the whole timeout
  world.faults->before_every(faulty_store::call::commit, [&] {
    constexpr auto timeout = 20ms;
    const auto before = steady_clock::now();
    const scs::timed_call timed{timeout};
    had_all.push_back(timed.deadline() - before >= timeout);
    while (steady_clock::now() - before < timeout / 10) {  // long enough to count
    }
  });
  scs::session session = world.sessions.load("");
  session.put("n", 1);
  world.sessions.commit(session);
  session.put("n", 2);
  session.save();
  session.put("n", 3);
  session.save();
  EXPECT_THAT(had_all, testing::ElementsAre(true, true, true));
  session.update<int>("n", [](auto n) { return n.value_or(0) + 1; });
  session.put("n", 5);
  session.save();
  ASSERT_EQ(had_all.size(), 5U);
  EXPECT_FALSE(had_all.back()) << "an update shares its time with the save() that follows";
}

TEST(server_watch, calls_the_listener_without_a_lock) {
  scs::server_watch watch;
  std::vector<std::string> warnings;
  watch.warn("before");
  const auto use_the_store = [&](const std::string& text) {
    warnings.push_back(text);
    // Like a call to the store that detects the same problem again, and another one.
    watch.warn(text);
    if (text != "nested") watch.warn("nested");
    watch.compare_clocks("redis x", 2s, {});
  };
  watch.listen(use_the_store, 20min);
  watch.warn("after");
  EXPECT_THAT(warnings,
              testing::UnorderedElementsAre("before", "nested", HasSubstr("2 s ahead"), "after"));
}

TEST(server_watch, can_be_told_of_another_listener_by_the_listener) {
  scs::server_watch watch;
  int second = 0;
  watch.listen([&](const std::string&) { watch.listen([&](const std::string&) { ++second; }, {}); },
               {});
  watch.warn("one");
  watch.warn("two");
  EXPECT_EQ(second, 1);
}

TEST(server_watch, does_not_call_a_listener_that_was_replaced) {
  scs::server_watch watch;
  std::promise<void> entered, released;
  std::atomic<bool> ended = false;
  watch.listen(
      [&](const std::string&) {
        entered.set_value();
        released.get_future().wait();
        ended = true;
      },
      {});
  std::thread warns{[&] { watch.warn("slow"); }};
  entered.get_future().wait();
  std::thread releases{[&] { released.set_value(); }};
  watch.listen({}, {});
  EXPECT_TRUE(ended) << "listen() returns when nobody is in the old one any more";
  warns.join();
  releases.join();
}

TEST(server_watch, warns_of_a_skew_and_refuses_a_large_one) {
  scs::server_watch watch;
  std::vector<std::string> warnings;
  const auto refused = [&](std::chrono::nanoseconds skew,
                           std::optional<std::chrono::milliseconds> limit = {}) {
    try {
      watch.compare_clocks("redis x", skew, limit);
      return false;
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::store_failed);
      EXPECT_THAT(failure.what(), HasSubstr("synchronize"));
      return true;
    }
  };
  const auto listen = [&](std::chrono::nanoseconds idle) {
    watch.listen([&](const std::string& text) { warnings.push_back(text); }, idle);
  };
  listen(20min);
  EXPECT_FALSE(refused(900ms));
  EXPECT_TRUE(warnings.empty());
  EXPECT_FALSE(refused(-50s));
  EXPECT_FALSE(refused(-50s));
  ASSERT_EQ(warnings.size(), 1U) << "once a minute";
  EXPECT_THAT(warnings[0], HasSubstr("50 s behind ours"));
  EXPECT_FALSE(refused(299s));
  EXPECT_TRUE(refused(301s));
  listen(10s);
  EXPECT_FALSE(refused(5s));
  EXPECT_TRUE(refused(-5001ms)) << "at least five seconds";
  listen({});
  EXPECT_FALSE(refused(59s));
  EXPECT_TRUE(refused(61s));
  EXPECT_FALSE(refused(25h, 0ms)) << "the user has switched it off";
  EXPECT_TRUE(refused(300ms, 200ms));
}

}  // namespace

}  // namespace test
