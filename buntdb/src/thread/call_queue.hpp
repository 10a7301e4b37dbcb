#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <thread>

#include "thread/mutex.hpp"

namespace buntdb::engine {

/// A thread that calls functions in the order in which they were posted, so that the posting thread
/// need not wait for them. Bounded: a call that does not fit is dropped and counted. Thread-safe.
class call_queue {
 public:
  /// max_bytes bounds the memory of the queued functions, as reported by the callers of post(). A
  /// single one may be larger.
  call_queue(std::size_t max_calls, std::size_t max_bytes) noexcept
      : max_calls_(max_calls), max_bytes_(max_bytes) {}
  call_queue(const call_queue&) = delete;
  call_queue& operator=(const call_queue&) = delete;
  ~call_queue() { stop(); }

  /// Returns false if the function was dropped because there is no room, no thread could be
  /// started, or stop() was called. The function must not throw. The thread is started when it is
  /// first needed.
  bool post(std::function<void()> call, std::size_t bytes) noexcept;

  /// Returns when everything that was posted has been called and the thread has ended. A second
  /// call does nothing.
  void stop();

  /// Returns whether the caller is a function that the queue calls.
  bool is_this_thread() const noexcept;

  /// Returns how many functions were dropped.
  std::uint64_t dropped() const;

 private:
  struct waiting {
    std::function<void()> call;
    std::size_t bytes;
  };

  bool has_room(std::size_t bytes) const noexcept BUNTDB_REQUIRES(mutex_);
  void run();

  const std::size_t max_calls_;
  const std::size_t max_bytes_;
  mutable mutex mutex_;
  std::condition_variable posted_;
  std::list<waiting> calls_ BUNTDB_GUARDED_BY(mutex_);  // an empty deque would allocate memory, too
  std::size_t bytes_ BUNTDB_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ BUNTDB_GUARDED_BY(mutex_) = 0;
  bool stopping_ BUNTDB_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // started under the mutex, joined by stop()
};

}  // namespace buntdb::engine
