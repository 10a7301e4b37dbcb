#pragma once

#include <chrono>
#include <condition_variable>
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
    if (holder_ == std::this_thread::get_id()) return false;
    free_.wait(lock, [this] { return !held(); });
    holder_ = std::this_thread::get_id();
    return true;
  }

  /// Waits no longer than until deadline. False also if the calling thread holds it already.
  [[nodiscard]] bool try_acquire_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (holder_ == std::this_thread::get_id()) return false;
    if (!free_.wait_until(lock, deadline, [this] { return !held(); })) return false;
    holder_ = std::this_thread::get_id();
    return true;
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

 private:
  bool held() const noexcept { return holder_ != std::thread::id(); }

  std::mutex mutex_;
  std::condition_variable free_;
  std::thread::id holder_;
};

}  // namespace buntdb::engine
