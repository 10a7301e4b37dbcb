#pragma once

#include <mutex>

#include "thread/annotations.hpp"

namespace buntdb::engine {

/// A std::mutex with annotations, because libstdc++'s class has none.
class BUNTDB_CAPABILITY("mutex") mutex {
 public:
  mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  void lock() BUNTDB_ACQUIRE() { mutex_.lock(); }
  bool try_lock() BUNTDB_TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  void unlock() BUNTDB_RELEASE() { mutex_.unlock(); }
  /// Tells the analysis, where it cannot know, that the caller holds the mutex.
  void assert_held() const BUNTDB_ASSERT_CAPABILITY(this) {}

 private:
  friend class mutex_lock;
  std::mutex mutex_;
};

/// Holds a mutex while it lives, except between unlock() and lock(). A std::condition_variable
/// waits with native().
class BUNTDB_SCOPED_CAPABILITY mutex_lock {
 public:
  explicit mutex_lock(mutex& held) BUNTDB_ACQUIRE(held) : lock_(held.mutex_) {}
  ~mutex_lock() BUNTDB_RELEASE() = default;
  mutex_lock(const mutex_lock&) = delete;
  mutex_lock& operator=(const mutex_lock&) = delete;

  void lock() BUNTDB_ACQUIRE() { lock_.lock(); }
  void unlock() BUNTDB_RELEASE() { lock_.unlock(); }
  std::unique_lock<std::mutex>& native() noexcept { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace buntdb::engine
