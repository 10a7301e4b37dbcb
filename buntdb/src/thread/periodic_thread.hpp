#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <thread>

#include "thread/mutex.hpp"

namespace buntdb::engine {

/// A thread that calls a function again and again, with a pause between, until stopped.
class periodic_thread {
 public:
  periodic_thread(std::function<void()> step, std::chrono::milliseconds pause);
  periodic_thread(const periodic_thread&) = delete;
  periodic_thread& operator=(const periodic_thread&) = delete;
  ~periodic_thread() { stop(); }

  /// Returns when the thread has ended. Harmless when called twice.
  void stop();

  /// Whether the calling thread is one of these, of whichever database.
  static bool is_current() noexcept;
  /// Whether it is this thread that calls.
  bool is_this_thread() const noexcept { return thread_.get_id() == std::this_thread::get_id(); }

 private:
  void run(const std::function<void()>& step, std::chrono::milliseconds pause);

  mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ BUNTDB_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace buntdb::engine
