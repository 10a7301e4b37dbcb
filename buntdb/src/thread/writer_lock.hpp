#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <optional>

#include "thread/annotations.hpp"
#include "thread/mutex.hpp"

namespace buntdb::engine {

/// The right to write: one holder at a time. Unlike a mutex it may be released by another thread
/// than the one that took it (transactions move), and it tells a thread that it would wait for
/// itself, if that was the last one that used it.
///
/// Whoever finds it taken tries again for some microseconds, which is how long most transactions
/// take, and sleeps then, in a queue. A thread that comes at the right moment may overtake the
/// queue, because a lock that waits for a sleeper to wake up is used by nobody. But the first in
/// the queue, once it has slept for longest_overtaking, gets the lock handed over, as long as the
/// last hand-over was long enough ago: so nobody starves, and most turns cost no wake-up. A
/// hand-over leaves the lock unused until the sleeper runs; so the pause between two is a share of a
/// cycle, in which each sleeper has its turn: a short one while few threads sleep, and a long one
/// for a crowd, which would otherwise spend its time on hand-overs.
///
/// Why no sleeper is forgotten: one that is going to sleep counts itself in sleeping_ before it
/// looks at holder_ for the last time; release() empties holder_ before it looks at sleeping_. All
/// of these are sequentially consistent.
class BUNTDB_CAPABILITY("writer's lock") writer_lock {
 public:
  static constexpr std::chrono::microseconds longest_overtaking{2000};
  static constexpr std::uint32_t few_sleepers = 4;
  static constexpr std::chrono::microseconds cycle_of_few{4000};
  static constexpr std::chrono::microseconds cycle_of_many{12'000};
  static constexpr std::chrono::microseconds shortest_pause{350};

  /// Waits. False, without waiting, if the calling thread holds it already.
  [[nodiscard]] bool acquire() BUNTDB_TRY_ACQUIRE(true) {
    if (held_by_this_thread()) return false;
    return try_take() || wait_for_turn(std::nullopt);
  }

  /// The same for a thread that takes the lock again and again: lets a thread that already waits go
  /// first, which would otherwise find the lock taken each time.
  [[nodiscard]] bool acquire_after_others() BUNTDB_TRY_ACQUIRE(true);

  /// Waits no longer than until deadline. False also if the calling thread holds it already.
  [[nodiscard]] bool try_acquire_until(std::chrono::steady_clock::time_point deadline)
      BUNTDB_TRY_ACQUIRE(true) {
    if (held_by_this_thread()) return false;
    if (try_take()) return true;
    return std::chrono::steady_clock::now() < deadline && wait_for_turn(deadline);
  }

  /// By whoever holds it, on any thread.
  void release() noexcept BUNTDB_RELEASE() {
    if (sleeping_.load() != 0 && hand_over()) return;
    holder_.store(nobody);
    // A thread that waits and does not sleep yet is going to find the lock free.
    const std::uint32_t sleeping = sleeping_.load();
    if (sleeping != 0 && waiting_.load() <= sleeping) wake_first();
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
  using clock = std::chrono::steady_clock;

  static constexpr std::uint64_t nobody = 0;
  static constexpr std::uint64_t some_thread = 1;

  /// A thread that sleeps, in the queue.
  struct sleeper {
    std::uint64_t thread;
    clock::time_point since;
    std::condition_variable wake_up{};
    bool woken = false;    // to try again
    bool granted = false;  // it has the lock
    sleeper* next = nullptr;
  };
  class queued;

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

  bool try_for_some_time() noexcept;
  bool wait_for_turn(std::optional<clock::time_point> deadline);
  bool hand_over() noexcept;
  void wake_first() noexcept;
  /// When the first in the queue, which is not empty, may have the lock handed over.
  clock::time_point hand_over_time() const noexcept BUNTDB_REQUIRES(mutex_);
  void set_hand_over_time() noexcept BUNTDB_REQUIRES(mutex_);

  std::atomic<std::uint64_t> holder_{nobody};
  std::atomic<std::uint64_t> turns_{0};    // how often it was taken
  std::atomic<std::uint32_t> waiting_{0};  // threads that wait, and of these
  std::atomic<std::uint32_t> sleeping_{0};
  /// When the first sleeper is to get the lock handed over; read without the mutex.
  std::atomic<clock::rep> hand_over_at_{0};
  mutex mutex_;
  sleeper* first_ BUNTDB_GUARDED_BY(mutex_) = nullptr;
  sleeper* last_ BUNTDB_GUARDED_BY(mutex_) = nullptr;
  clock::time_point last_hand_over_ BUNTDB_GUARDED_BY(mutex_){};
  /// Whether one was told to wake up and did not do so yet.
  bool waking_ BUNTDB_GUARDED_BY(mutex_) = false;
};

}  // namespace buntdb::engine
