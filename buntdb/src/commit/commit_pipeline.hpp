#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <buntdb/clock.hpp>
#include <buntdb/error.hpp>
#include <buntdb/settings.hpp>
#include <buntdb/statistics.hpp>

#include "commit/change_hub.hpp"
#include "commit/reporter.hpp"
#include "storage/log_file.hpp"
#include "thread/mutex.hpp"
#include "version/expiry_wheel.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// The way of a version from the end of the file to the readers: appended, durable, visible.
///
///  1. Versions become visible in the order in which they were appended.
///  2. A version that waits for the disk becomes visible only after the file is synced up to its
///     end.
///  3. One thread syncs at a time, on behalf of all waiting threads (group commit).
///  4. After a failed sync no further version ever becomes visible.
///
/// A thread that waits for a version belongs to one of two groups: those that the sync under way
/// covers, and those that the next one covers. The end of a sync releases all threads of its group,
/// which then need no lock, and wakes one thread of the other group, which leads the next sync.
///
/// Thread-safe.
class commit_pipeline {
 public:
  enum class if_syncing { wait, give_up };

  /// The right to append and submit without waiting for another thread. For the holder of the
  /// writer's lock. It converts to false if something would have to be waited for: a sync, an
  /// earlier version that is not visible yet, or the mutex. No sync begins while it lives.
  class sync_blocker {
   public:
    explicit sync_blocker(commit_pipeline& pipeline) noexcept
        : pipeline_(pipeline.begin_append() ? &pipeline : nullptr) {}
    ~sync_blocker() {
      if (pipeline_ != nullptr) pipeline_->end_append();
    }
    sync_blocker(const sync_blocker&) = delete;
    sync_blocker& operator=(const sync_blocker&) = delete;
    explicit operator bool() const noexcept { return pipeline_ != nullptr; }

   private:
    commit_pipeline* pipeline_;
  };

  /// Begins with a version that is visible immediately. `log` is null for a database without a
  /// file.
  commit_pipeline(version* first, log_file* log, const clock& clock, const reporter& reporter);
  commit_pipeline(const commit_pipeline&) = delete;
  commit_pipeline& operator=(const commit_pipeline&) = delete;

  /// For readers. Their slot must protect the version: see reclaimer.hpp.
  version& current() const noexcept { return *current_.load(); }
  std::uint64_t epoch() const noexcept { return epoch_.load(); }

  /// The durability that a commit was promised.
  enum class promise {
    none,           ///< sync_policy::never
    within_time,    ///< synced soon, whether or not a thread waits for it
    before_visible  ///< visible only when it is on disk
  };

  static promise promise_of(sync_policy policy) noexcept {
    if (policy == sync_policy::never) return promise::none;
    return policy == sync_policy::always ? promise::before_visible : promise::within_time;
  }

  /// The queue receives what becomes visible after this returns, and nothing that was visible
  /// before.
  void watch(const std::shared_ptr<change_queue>& queue) {
    const mutex_lock held(mutex_);  // so no version is between stage() and visible
    changes_.add(queue);
  }
  /// Returns the subscriptions to what becomes visible.
  change_hub& changes() noexcept { return changes_; }
  const change_hub& changes() const noexcept { return changes_; }

  /// Accepts a version whose batch has been appended, and makes it visible as soon as permitted.
  void submit(version* appended, promise durable) noexcept;

  /// Returns when the version is visible. Syncs the file itself if no other thread does. Throws
  /// errc::writes_stopped if the version cannot become visible any more.
  void wait_visible(std::uint64_t number);

  /// Returns when no sync is more than two seconds late. Throws errc::writes_stopped.
  void wait_while_overdue();

  /// Syncs everything that was appended before the call. Throws errc::writes_stopped.
  void sync();

  /// Returns whether a commit that was promised a sync has waited for it for this long.
  bool unsynced_for(std::chrono::nanoseconds time) const;

  /// Fills in the members `commits`, `syncs`, `unsynced_for`, `writes_stopped` and `last_sync`.
  void fill(statistics& figures) const;

  /// Returns the highest position of the log that is known to be on disk.
  std::uint64_t durable_end() const noexcept { return durable_end_.load(); }

  /// Calls the function, which prepares the file and syncs it, while no sync is under way.
  template <class Function>
  void prepare_file(Function function);

  /// Calls the function with the durable end, while no sync is under way and no sync_blocker lives,
  /// and returns its result. Otherwise waits, or, for if_syncing::give_up, returns false without
  /// calling it.
  template <class Function>
  bool exchange_file(if_syncing otherwise, Function function);

  /// Syncs the file even if nothing was appended, because its name may be new. Throws
  /// errc::writes_stopped.
  void sync_anew();

  /// Waits until no sync is under way. No sync begins after it.
  void detach_file() noexcept;

  /// No further version becomes visible. throw_if_failed() reports this cause.
  void fail(const error& cause);
  bool failed() const noexcept { return failed_.load(); }
  /// Throws errc::writes_stopped after a failure. `meaning` says what the failure means to the
  /// caller; the message begins with it.
  void throw_if_failed(std::string_view meaning = {}) const;

  /// Returns the versions that have become visible since the last call, with what they retired.
  version_chain take_published() noexcept;

  /// Returns a version that never became visible, the newest first, or null. For the end of the
  /// database.
  version* take_newest_pending() noexcept;

  /// Calls the visitor with at most `limit` of the visible items that have expired by `now`, moving
  /// at most `budget` items of the wheel. Each item is visited again until its removal is visible.
  /// Returns whether there is more to do.
  template <class Visitor>
  bool visit_due(time_point now, std::uint64_t budget, unsigned limit, Visitor visitor);

 private:
  bool begin_append() noexcept;
  void end_append() noexcept;
  struct sync_waiters {
    /// Waiting threads block on this word, without the mutex.
    alignas(64) std::atomic<std::uint32_t> opened{0};
    bool has_waiters = false;
  };

  sync_waiters& waiters_of(std::uint64_t sync) noexcept BUNTDB_REQUIRES(mutex_) {
    return waiters_[sync % waiters_.size()];
  }
  void wait_for_stragglers(mutex_lock& held) BUNTDB_REQUIRES(mutex_);
  void lead_sync(mutex_lock& held) BUNTDB_REQUIRES(mutex_);
  /// Waits until no sync is under way.
  void wait_until_synced(mutex_lock& held) BUNTDB_REQUIRES(mutex_);
  void publish_ready() noexcept BUNTDB_REQUIRES(mutex_);
  void publish(version* version) noexcept BUNTDB_REQUIRES(mutex_);
  /// Returns since when the oldest commit that is promised a sync has waited for it; nothing if
  /// none waits.
  const std::optional<std::chrono::steady_clock::time_point>& waits_since() const
      BUNTDB_REQUIRES(mutex_);
  bool overdue() const BUNTDB_REQUIRES(mutex_);
  [[noreturn]] void throw_failure(std::string_view meaning = {}) const BUNTDB_REQUIRES(mutex_);

  change_hub changes_;
  log_file* log_;
  const reporter& reporter_;
  std::atomic<version*> current_;
  std::atomic<std::uint64_t> epoch_;
  const std::uint64_t first_number_;
  std::atomic<std::uint64_t> durable_end_;
  std::atomic<bool> failed_{false};

  mutable mutex mutex_;
  std::condition_variable synced_;
  std::condition_variable arrived_;
  version_chain pending_ BUNTDB_GUARDED_BY(mutex_);    // appended, not visible; oldest first
  version_chain published_ BUNTDB_GUARDED_BY(mutex_);  // visible, not yet handed to the reclaimer
  expiry_wheel wheel_ BUNTDB_GUARDED_BY(mutex_);
  // The versions in pending_ that wait for a sync.
  std::uint64_t waiting_ BUNTDB_GUARDED_BY(mutex_) = 0;
  // How many versions the last sync released or left waiting.
  std::uint64_t last_group_ BUNTDB_GUARDED_BY(mutex_) = 0;
  std::chrono::steady_clock::duration last_sync_took_ BUNTDB_GUARDED_BY(mutex_){};
  bool syncing_ BUNTDB_GUARDED_BY(mutex_) = false;
  unsigned appends_ BUNTDB_GUARDED_BY(mutex_) = 0;     // under a sync_blocker
  std::uint64_t syncs_ BUNTDB_GUARDED_BY(mutex_) = 0;  // the number of syncs that have ended
  // The number of the last version submitted.
  std::uint64_t submitted_ BUNTDB_GUARDED_BY(mutex_) = 0;
  // The sync under way covers versions up to this number.
  std::uint64_t covered_ BUNTDB_GUARDED_BY(mutex_) = 0;
  // Index: number of the sync modulo 2.
  std::array<sync_waiters, 2> waiters_ BUNTDB_GUARDED_BY(mutex_);
  std::optional<time_point> last_sync_ BUNTDB_GUARDED_BY(mutex_);
  duration_histogram sync_durations_ BUNTDB_GUARDED_BY(mutex_);
  std::optional<std::chrono::steady_clock::time_point> unsynced_since_ BUNTDB_GUARDED_BY(mutex_);
  std::optional<std::chrono::steady_clock::time_point> in_sync_since_ BUNTDB_GUARDED_BY(mutex_);
  std::optional<error> failure_ BUNTDB_GUARDED_BY(mutex_);
};

template <class Function>
bool commit_pipeline::exchange_file(if_syncing otherwise, Function function) {
  mutex_lock held(mutex_);
  const auto is_quiet = [this]() BUNTDB_REQUIRES(mutex_) { return !syncing_ && appends_ == 0; };
  if (!is_quiet() && otherwise == if_syncing::give_up) return false;
  synced_.wait(held.native(), is_quiet);
  return function(durable_end_.load());
}

template <class Function>
void commit_pipeline::prepare_file(Function function) {
  mutex_lock held(mutex_);
  wait_until_synced(held);
  function();
  durable_end_ = log_->end();
}

template <class Visitor>
bool commit_pipeline::visit_due(time_point now, std::uint64_t budget, unsigned limit,
                                Visitor visitor) {
  const mutex_lock held(mutex_);
  const bool more = wheel_.advance(now, budget);
  item_list& due = wheel_.due();
  const item* last = due.empty() ? nullptr : due.back();
  for (unsigned visited = 0; last != nullptr; ++visited) {
    if (visited == limit) return true;
    item* item = due.pop_front();
    due.push_back(item);  // it stays in the list until its removal is published
    visitor(*item);
    if (item == last) break;
  }
  return more;
}

}  // namespace buntdb::engine
