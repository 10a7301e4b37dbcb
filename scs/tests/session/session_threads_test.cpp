// Real threads on one session, for ThreadSanitizer, and to check the rules under load.

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

#include "world.hpp"

namespace test {

namespace {

void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    threads.emplace_back(body, i);
  for (std::thread& thread : threads)
    thread.join();
}

struct session_threads : testing::Test {
  session_threads() {
    scs::session session = sessions.load(std::string_view{});
    session.put("n", 0);
    const std::string header = find_header(sessions.commit(session), "Set-Cookie");
    cookie = header.substr(0, header.find(';'));
  }

  scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                {.store_timeout = seconds{60}}};
  std::string cookie;
};

TEST_F(session_threads, count_exactly_by_update) {
  constexpr int threads = 8;
  constexpr int increments = 125;  // a thousand in total
  run_threads(threads, [&](int) {
    for (int i = 0; i < increments; ++i) {
      scs::session session = sessions.load(cookie);
      session.update<int>("n", [](std::optional<int> n) { return n.value() + 1; });
      sessions.commit(session);
    }
  });
  EXPECT_EQ(sessions.load(cookie).get<int>("n"), threads * increments);
}

TEST_F(session_threads, lose_no_key_of_each_other) {
  constexpr int threads = 8;
  constexpr int keys = 25;
  run_threads(threads, [&](int thread) {
    for (int i = 0; i < keys; ++i) {
      scs::session session = sessions.load(cookie);
      session.put(std::to_string(thread) + "/" + std::to_string(i), i);
      sessions.commit(session);
    }
  });
  EXPECT_EQ(sessions.load(cookie).keys().size(), 1U + threads * keys);
}

TEST_F(session_threads, revive_nothing_after_a_logout) {
  for (int round = 0; round < 50; ++round) {
    scs::session fresh = sessions.load(std::string_view{});
    fresh.put("n", 0);
    const std::string header = find_header(sessions.commit(fresh), "Set-Cookie");
    const std::string mine = header.substr(0, header.find(';'));
    std::vector<std::string> cookies(4, mine);
    run_threads(4, [&](int thread) {
      scs::session session = sessions.load(mine);
      try {
        if (thread == 0) {
          session.destroy();
        } else if (thread == 1) {
          session.renew();
        } else {
          session.update<int>("n", [](std::optional<int> n) { return n.value_or(0) + 1; });
        }
        const std::string set = find_header(sessions.commit(session), "Set-Cookie");
        if (thread == 1 && !set.empty()) cookies[1] = set.substr(0, set.find(';'));
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), scs::errc::session_gone);
      }
    });
    for (const std::string& known : cookies)
      EXPECT_FALSE(sessions.load(known).exists("n"));
  }
}

}  // namespace

}  // namespace test
