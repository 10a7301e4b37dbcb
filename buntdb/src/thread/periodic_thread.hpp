#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <thread>

#include "thread/mutex.hpp"

namespace buntdb::engine {

/// A thread that calls a function repeatedly, with a pause after each call, until it is stopped.
class periodic_thread {
 public:
  periodic_thread(std::function<void()> step, std::chrono::milliseconds pause);
  periodic_thread(const periodic_thread&) = delete;
  periodic_thread& operator=(const periodic_thread&) = delete;
  ~periodic_thread() { stop(); }

  /// Returns when the thread has ended. A second call does nothing.
  void stop();

  /// Returns whether the calling thread is a periodic_thread, of any database.
  static bool is_current() noexcept;
  /// Returns whether the calling thread is this one.
  bool is_this_thread() const noexcept { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  void run(const std::function<void()>& step, std::chrono::milliseconds pause);

  mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ BUNTDB_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace buntdb::engine
