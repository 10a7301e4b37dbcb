#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <thread>

#include "thread/annotations.hpp"
#include "thread/mutex.hpp"
#include "thread/spin_pause.hpp"

namespace buntdb::engine {

/// The right to write: one holder at a time. Unlike a mutex it may be released by another thread
/// than the one that took it (transactions move), and it tells a thread that it would wait for
/// itself, if that was the last one that used it.
///
/// Who finds it taken tries again for some microseconds, which is how long most transactions take,
/// and sleeps then. Why no sleeper is forgotten: one that is going to sleep counts itself in
/// sleeping_ before it looks at holder_ for the last time; release() empties holder_ before it
/// looks at sleeping_. All of these are sequentially consistent.
class BUNTDB_CAPABILITY("writer's lock") writer_lock {
 public:
  /// Waits. False, without waiting, if the calling thread holds it already.
  [[nodiscard]] bool acquire() BUNTDB_TRY_ACQUIRE(true) {
    if (held_by_this_thread()) return false;
    if (!try_take()) {
      wait_for_turn([this](auto& lock) {
        woken_up_.wait(lock.native());
        return true;
      });
    }
    return true;
  }

  /// The same for one who comes again and again: lets somebody in first who is waiting already, and
  /// would else find it taken each time.
  [[nodiscard]] bool acquire_after_others() BUNTDB_TRY_ACQUIRE(true) {
    constexpr std::chrono::milliseconds long_enough{1};  // they may also have given up
    const std::uint64_t now = turns_.load();
    if (!held() && is_waited_for()) {
      mutex_lock lock(mutex_);
      ++sleeping_;
      // Once, and not until turns_ has changed: it may be the one whom release() woke.
      if (turns_.load() == now) woken_up_.wait_for(lock.native(), long_enough);
      --sleeping_;
      waking_ = false;
    }
    return acquire();
  }

  /// Waits no longer than until deadline. False also if the calling thread holds it already.
  [[nodiscard]] bool try_acquire_until(std::chrono::steady_clock::time_point deadline)
      BUNTDB_TRY_ACQUIRE(true) {
    if (held_by_this_thread()) return false;
    if (try_take()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    return wait_for_turn([&](auto& lock) {
      return woken_up_.wait_until(lock.native(), deadline) == std::cv_status::no_timeout;
    });
  }

  /// By whoever holds it, on any thread.
  void release() noexcept BUNTDB_RELEASE() {
    holder_.store(nobody);
    if (sleeping_.load() == 0) return;
    {
      const mutex_lock lock(mutex_);
      if (waking_ || sleeping_.load() == 0) return;  // one is on its way already, and looks again
      waking_ = true;
    }
    woken_up_.notify_one();
  }

  /// Whether it is held, and the calling thread was the last to take or use it.
  bool held_by_this_thread() const noexcept {
    return holder_.load(std::memory_order_relaxed) == this_thread();
  }

  /// For the holder: it is this thread's from now on.
  void used_by_this_thread() noexcept {
    if (!held_by_this_thread()) holder_.store(this_thread(), std::memory_order_relaxed);
  }
  /// For the holder: whoever uses it next may be another thread.
  void forget_thread() noexcept { holder_.store(some_thread, std::memory_order_relaxed); }

  /// For the analysis, where it cannot follow: the caller holds it, perhaps since an earlier call.
  void assert_held() const BUNTDB_ASSERT_CAPABILITY(this) {}

  /// Whether somebody waits for it.
  bool is_waited_for() const noexcept { return waiting_.load() != 0; }

 private:
  static constexpr std::uint64_t nobody = 0;
  static constexpr std::uint64_t some_thread = 1;

  /// Unlike std::thread::id, no number is used again by a later thread.
  static std::uint64_t this_thread() noexcept {
    static std::atomic<std::uint64_t> threads{some_thread};
    thread_local const std::uint64_t number = ++threads;
    return number;
  }

  bool held() const noexcept { return holder_.load() != nobody; }

  bool try_take() noexcept {
    std::uint64_t free = nobody;
    if (!holder_.compare_exchange_strong(free, this_thread())) return false;
    ++turns_;
    return true;
  }

  bool try_for_some_time() noexcept {
    constexpr int looks = 100;
    constexpr int yields = 4;
    for (int i = 0; i < looks; ++i) {
      if (!held() && try_take()) return true;
      spin_pause();
    }
    for (int i = 0; i < yields; ++i) {
      std::this_thread::yield();
      if (!held() && try_take()) return true;
    }
    return false;
  }

  /// Sleeps by calling sleep again and again, until it can take the lock or sleep gives false.
  template <class Sleep>
  bool wait_for_turn(Sleep sleep) {
    ++waiting_;
    bool taken = try_for_some_time();
    if (!taken) {
      mutex_lock lock(mutex_);
      ++sleeping_;
      for (bool goes_on = true; !(taken = try_take()) && goes_on;) {
        goes_on = sleep(lock);
        waking_ = false;
      }
      --sleeping_;
    }
    --waiting_;
    return taken;
  }

  std::atomic<std::uint64_t> holder_{nobody};
  std::atomic<std::uint64_t> turns_{0};    // how often it was taken
  std::atomic<std::uint32_t> waiting_{0};  // threads that wait, and of these
  std::atomic<std::uint32_t> sleeping_{0};
  mutex mutex_;
  std::condition_variable woken_up_;
  // Whether one was told to wake up and did not do so yet.
  bool waking_ BUNTDB_GUARDED_BY(mutex_) = false;
};

}  // namespace buntdb::engine
