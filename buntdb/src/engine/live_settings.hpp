#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include <buntdb/options.hpp>

#include "thread/mutex.hpp"

namespace buntdb::engine {

/// The part of the options that can be changed later.
settings initial_settings(const options& options);

/// Settings that change while the database runs. Thread-safe.
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

  /// Calls edit with a copy and takes it over. edit may call get(). Throws errc::invalid_argument,
  /// and what edit throws, and has then changed nothing.
  void change(const std::function<void(settings&)>& edit);

 private:
  mutex change_mutex_;  // held while edit runs
  mutable mutex mutex_;
  settings current_ BUNTDB_GUARDED_BY(mutex_);
  std::atomic<sync_policy> sync_;          // the same, for every commit
  std::atomic<std::uint64_t> max_memory_;  // the same, for every set
};

}  // namespace buntdb::engine
