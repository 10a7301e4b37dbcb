#pragma once

#include <atomic>
#include <mutex>

#include <buntdb/options.hpp>

namespace buntdb::engine {

/// Settings that change while the database runs. Thread-safe.
class live_settings {
 public:
  /// Throws errc::invalid_argument.
  explicit live_settings(const settings& initial);

  settings get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

  sync_policy sync() const noexcept { return sync_.load(std::memory_order_relaxed); }

  /// Throws errc::invalid_argument, and has then changed nothing.
  void change(const settings_change& change);

 private:
  mutable std::mutex mutex_;
  settings current_;
  std::atomic<sync_policy> sync_;  // the same, for every commit
};

}  // namespace buntdb::engine
