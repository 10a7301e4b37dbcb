#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include <buntdb/options.hpp>

#include "thread/mutex.hpp"

namespace buntdb::engine {

/// Returns the part of the options that can be changed later.
settings initial_settings(const options& options);

/// Settings that can change while the database is open. Thread-safe.
class live_settings {
 public:
  /// Throws errc::invalid_argument.
  explicit live_settings(const settings& initial);

  settings get() const {
    const mutex_lock lock(mutex_);
    return current_;
  }

  compaction_policy compaction() const {
    const mutex_lock lock(mutex_);
    return current_.compaction;
  }
  sync_policy sync() const noexcept { return sync_.load(std::memory_order_relaxed); }
  std::uint64_t max_memory() const noexcept { return max_memory_.load(std::memory_order_relaxed); }

  /// Calls `edit` with a copy and applies the edited copy. `edit` may call get(). Throws
  /// errc::invalid_argument, and what `edit` throws; nothing has changed then.
  void change(const std::function<void(settings&)>& edit);

 private:
  mutex change_mutex_;  // held while edit runs
  mutable mutex mutex_;
  settings current_ BUNTDB_GUARDED_BY(mutex_);
  std::atomic<sync_policy> sync_;          // a copy that every commit reads
  std::atomic<std::uint64_t> max_memory_;  // a copy that every set reads
};

}  // namespace buntdb::engine
