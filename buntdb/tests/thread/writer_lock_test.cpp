#include "thread/writer_lock.hpp"

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

// The analysis cannot follow ASSERT_TRUE(lock.acquire()).
#ifdef __clang__
#pragma clang diagnostic ignored "-Wthread-safety-analysis"
#endif

namespace buntdb::engine {
namespace {

using namespace std::chrono_literals;

TEST(writer_lock, lets_others_in_before_one_who_comes_again_and_again) {
  writer_lock lock;
  for (int round = 0; round < 50; ++round) {
    ASSERT_TRUE(lock.acquire_after_others());
    bool was_in = false;  // guarded by the lock
    std::thread other([&] {
      ASSERT_TRUE(lock.acquire());
      was_in = true;
      lock.release();
    });
    while (!lock.is_waited_for())
      std::this_thread::yield();
    int turns = 0;
    for (bool in = false; !in; ++turns) {
      lock.release();
      ASSERT_TRUE(lock.acquire_after_others());
      in = was_in;
    }
    lock.release();
    other.join();
    EXPECT_LE(turns, 100);  // one, if the machine lets the other thread run within a millisecond
  }
}

TEST(writer_lock, waits_for_nobody_who_has_given_up) {
  writer_lock lock;
  ASSERT_TRUE(lock.acquire());
  std::thread other(
      [&] { EXPECT_FALSE(lock.try_acquire_until(std::chrono::steady_clock::now() + 5ms)); });
  other.join();
  EXPECT_FALSE(lock.is_waited_for());
  EXPECT_FALSE(lock.acquire_after_others());  // this thread has it
  lock.release();
  ASSERT_TRUE(lock.acquire_after_others());
  lock.release();
}

/// Returns whether a thread of this process sleeps, instead of only waiting for a processor.
bool sleeps(pid_t thread) {
  std::ifstream state("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(state, text);
  return text.find(") S ") != std::string::npos;
}

TEST(writer_lock, is_handed_over_to_one_who_has_slept_for_long) {
  writer_lock lock;
  ASSERT_TRUE(lock.acquire());
  std::atomic<pid_t> thread = 0;
  std::atomic<bool> has_tried = false;
  std::thread other([&] {
    thread = ::gettid();
    ASSERT_TRUE(lock.acquire());
    has_tried.wait(false);
    lock.release();
  });
  while (!lock.is_waited_for() || !sleeps(thread))
    std::this_thread::yield();
  std::this_thread::sleep_for(2 * writer_lock::longest_overtaking);
  lock.release();
  // A thread that releases the lock and acquires it again immediately would overtake all that must
  // wake up first.
  EXPECT_FALSE(lock.try_acquire_until(std::chrono::steady_clock::time_point{}));
  has_tried = true;
  has_tried.notify_one();
  other.join();
}

TEST(writer_lock, has_one_holder_at_a_time_and_forgets_nobody) {
  writer_lock lock;
  constexpr int threads = 8;
  constexpr int turns = 500;
  int held = 0;  // guarded by the lock
  std::vector<std::thread> others;
  for (int i = 0; i < threads; ++i) {
    others.emplace_back([&, i] {
      for (int turn = 0; turn < turns; ++turn) {
        if (i % 4 == 3) {
          while (!lock.try_acquire_until(std::chrono::steady_clock::now() + 50us)) {
          }
        } else if (i % 4 == 2) {
          ASSERT_TRUE(lock.acquire_after_others());
        } else {
          ASSERT_TRUE(lock.acquire());
        }
        ++held;
        for (int pause = turn % 16 == 0 ? 20 : 0; pause != 0; --pause)
          std::this_thread::yield();  // longer than a thread tries to acquire it
        lock.release();
      }
    });
  }
  for (std::thread& each : others)
    each.join();
  EXPECT_EQ(held, threads * turns);
  EXPECT_FALSE(lock.is_waited_for());
}

}  // namespace
}  // namespace buntdb::engine
