#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <optional>

#include "thread/annotations.hpp"
#include "thread/mutex.hpp"

namespace buntdb::engine {

/// The right to write, which has one holder at a time. Unlike a mutex, it may be released by a
/// different thread from the one that acquired it, because transactions can be moved. It also
/// detects that a thread would wait for itself, if that thread was the last to use it.
///
/// A thread that finds the lock taken tries again for some microseconds, which is as long as most
/// transactions take, and then sleeps in a queue. A thread that arrives at the right moment may
/// overtake the queue, because a lock that is reserved for a sleeping thread is idle until that
/// thread runs. But once the first thread in the queue has slept for longest_overtaking, the lock
/// is handed over to it, provided that the last hand-over was long enough ago. So no thread
/// starves, and most turns cost no wake-up.
///
/// A hand-over leaves the lock idle until the sleeper runs. So the pause between two hand-overs is
/// a fraction of a cycle, in which each sleeper has its turn. The cycle is short for few sleepers
/// and long for many, which would otherwise spend their time on hand-overs.
///
/// Why no sleeper is forgotten: a thread that is going to sleep increments sleeping_ before it
/// reads holder_ for the last time; release() clears holder_ before it reads sleeping_. All of
/// these operations are sequentially consistent.
class BUNTDB_CAPABILITY("writer's lock") writer_lock {
 public:
  static constexpr std::chrono::microseconds longest_overtaking{2000};
  static constexpr std::uint32_t few_sleepers = 4;
  static constexpr std::chrono::microseconds cycle_of_few{4000};
  static constexpr std::chrono::microseconds cycle_of_many{12'000};
  static constexpr std::chrono::microseconds shortest_pause{350};

  /// Waits for the lock. Returns false, without waiting, if the calling thread already holds it.
  [[nodiscard]] bool acquire() BUNTDB_TRY_ACQUIRE(true) {
    if (held_by_this_thread()) return false;
    return try_take() || wait_for_turn(std::nullopt);
  }

  /// Like acquire(), for a thread that acquires the lock repeatedly: lets a waiting thread go
  /// first, which would otherwise find the lock taken each time.
  [[nodiscard]] bool acquire_after_others() BUNTDB_TRY_ACQUIRE(true);

  /// Waits no longer than until `deadline`. Also returns false if the calling thread already holds
  /// the lock.
  [[nodiscard]] bool try_acquire_until(std::chrono::steady_clock::time_point deadline)
      BUNTDB_TRY_ACQUIRE(true) {
    if (held_by_this_thread()) return false;
    if (try_take()) return true;
    return std::chrono::steady_clock::now() < deadline && wait_for_turn(deadline);
  }

  /// May be called by any thread on behalf of the holder.
  void release() noexcept BUNTDB_RELEASE() {
    if (sleeping_.load() != 0 && hand_over()) return;
    holder_.store(nobody);
    // A waiting thread that does not sleep yet will find the lock free.
    const std::uint32_t sleeping = sleeping_.load();
    if (sleeping != 0 && waiting_.load() <= sleeping) wake_first();
  }

  /// Returns whether the lock is held and the calling thread was the last to acquire or use it.
  bool held_by_this_thread() const noexcept {
    return holder_.load(std::memory_order_relaxed) == this_thread();
  }

  /// For the holder: the lock belongs to this thread from now on.
  void used_by_this_thread() noexcept {
    if (!held_by_this_thread()) holder_.store(this_thread(), std::memory_order_relaxed);
  }
  /// For the holder: the next user may be another thread.
  void forget_thread() noexcept { holder_.store(some_thread, std::memory_order_relaxed); }

  /// Tells the analysis, where it cannot know, that the caller holds the lock, perhaps since an
  /// earlier call.
  void assert_held() const BUNTDB_ASSERT_CAPABILITY(this) {}

  /// Returns whether any thread waits for the lock.
  bool is_waited_for() const noexcept { return waiting_.load() != 0; }

 private:
  using clock = std::chrono::steady_clock;

  static constexpr std::uint64_t nobody = 0;
  static constexpr std::uint64_t some_thread = 1;

  /// A sleeping thread in the queue.
  struct sleeper {
    std::uint64_t thread;
    clock::time_point since;
    std::condition_variable wake_up{};
    bool woken = false;    // it must try again
    bool granted = false;  // it has the lock
    sleeper* next = nullptr;
  };
  class queued;

  /// Returns a number for this thread. Unlike a std::thread::id, it is never reused for a later
  /// thread.
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
  /// Returns when the lock may be handed over to the first thread in the queue, which must not be
  /// empty.
  clock::time_point hand_over_time() const noexcept BUNTDB_REQUIRES(mutex_);
  void set_hand_over_time() noexcept BUNTDB_REQUIRES(mutex_);

  std::atomic<std::uint64_t> holder_{nobody};
  std::atomic<std::uint64_t> turns_{0};    // how often the lock was acquired
  std::atomic<std::uint32_t> waiting_{0};  // threads that wait, including sleeping_
  std::atomic<std::uint32_t> sleeping_{0};
  /// When the lock is to be handed over to the first sleeper. Read without the mutex.
  std::atomic<clock::rep> hand_over_at_{0};
  mutex mutex_;
  sleeper* first_ BUNTDB_GUARDED_BY(mutex_) = nullptr;
  sleeper* last_ BUNTDB_GUARDED_BY(mutex_) = nullptr;
  clock::time_point last_hand_over_ BUNTDB_GUARDED_BY(mutex_){};
  /// Whether a thread was told to wake up and has not done so yet.
  bool waking_ BUNTDB_GUARDED_BY(mutex_) = false;
};

}  // namespace buntdb::engine
