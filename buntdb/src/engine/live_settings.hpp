#pragma once

#include <atomic>

#include <buntdb/options.hpp>

#include "thread/mutex.hpp"

namespace buntdb::engine {

/// Settings that change while the database runs. Thread-safe.
class live_settings {
 public:
  /// Throws errc::invalid_argument.
  explicit live_settings(const settings& initial);

  settings get() const {
    const mutex_lock lock(mutex_);
    return current_;
  }

  sync_policy sync() const noexcept { return sync_.load(std::memory_order_relaxed); }

  /// Throws errc::invalid_argument, and has then changed nothing.
  void change(const settings_change& change);

 private:
  mutable mutex mutex_;
  settings current_ BUNTDB_GUARDED_BY(mutex_);
  std::atomic<sync_policy> sync_;  // the same, for every commit
};

}  // namespace buntdb::engine
