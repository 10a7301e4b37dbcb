#include "engine/writer_lock.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace buntdb::engine {
namespace {

using namespace std::chrono_literals;

TEST(WriterLock, lets_others_in_before_one_who_comes_again_and_again) {
  writer_lock lock;
  for (int round = 0; round < 50; ++round) {
    ASSERT_TRUE(lock.acquire_behind_others());
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
      ASSERT_TRUE(lock.acquire_behind_others());
      in = was_in;
    }
    lock.release();
    other.join();
    EXPECT_LE(turns, 100);  // one, if the machine lets the other run within a millisecond
  }
}

TEST(WriterLock, waits_for_nobody_who_has_given_up) {
  writer_lock lock;
  ASSERT_TRUE(lock.acquire());
  std::thread other(
      [&] { EXPECT_FALSE(lock.try_acquire_until(std::chrono::steady_clock::now() + 5ms)); });
  other.join();
  EXPECT_FALSE(lock.is_waited_for());
  EXPECT_FALSE(lock.acquire_behind_others());  // this thread has it
  lock.release();
  ASSERT_TRUE(lock.acquire_behind_others());
  lock.release();
}

}  // namespace
}  // namespace buntdb::engine
