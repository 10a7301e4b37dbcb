#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace buntdb::engine {

/// The right to write: one holder at a time. Unlike a mutex it may be released by another thread
/// than the one that took it (transactions move), and it tells a thread that it would wait for
/// itself.
class writer_lock {
 public:
  /// Waits. False, without waiting, if the calling thread holds it already.
  [[nodiscard]] bool acquire() {
    std::unique_lock lock(mutex_);
    return acquire(lock);
  }

  /// The same for one who comes again and again: lets somebody in first who is waiting already, and
  /// would else find it taken each time.
  [[nodiscard]] bool acquire_behind_others() {
    constexpr std::chrono::milliseconds long_enough{1};  // they may also have given up
    std::unique_lock lock(mutex_);
    if (!held() && waiting_ != 0) {
      free_.wait_for(lock, long_enough, [this, now = turns_] { return turns_ != now; });
    }
    return acquire(lock);
  }

  /// Waits no longer than until deadline. False also if the calling thread holds it already.
  [[nodiscard]] bool try_acquire_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (holder_ == std::this_thread::get_id()) return false;
    ++waiting_;
    const bool free = free_.wait_until(lock, deadline, [this] { return !held(); });
    --waiting_;
    if (free) take();
    return free;
  }

  void release() noexcept {
    {
      const std::lock_guard lock(mutex_);
      holder_ = std::thread::id();
    }
    free_.notify_one();
  }

  /// Whether the calling thread took it and still has it.
  bool held_by_this_thread() {
    const std::lock_guard lock(mutex_);
    return holder_ == std::this_thread::get_id();
  }

  /// Whether somebody waits for it.
  bool is_waited_for() {
    const std::lock_guard lock(mutex_);
    return waiting_ != 0;
  }

 private:
  bool held() const noexcept { return holder_ != std::thread::id(); }
  void take() noexcept {
    holder_ = std::this_thread::get_id();
    ++turns_;
  }
  bool acquire(std::unique_lock<std::mutex>& lock) {
    if (holder_ == std::this_thread::get_id()) return false;
    ++waiting_;
    free_.wait(lock, [this] { return !held(); });
    --waiting_;
    take();
    return true;
  }

  std::mutex mutex_;
  std::condition_variable free_;
  std::thread::id holder_;
  std::uint64_t turns_ = 0;    // how often it was taken
  std::uint64_t waiting_ = 0;  // threads that wait
};

}  // namespace buntdb::engine
