#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>

#include <buntdb/subscription.hpp>

#include "text/glob.hpp"
#include "thread/mutex.hpp"

namespace buntdb::engine {

/// The queued changes of one subscription. A staged change can be read after deliver().
/// Thread-safe.
class change_queue {
 public:
  /// Throws errc::invalid_argument if the pattern is malformed.
  explicit change_queue(const watch_options& options);
  change_queue(const change_queue&) = delete;
  change_queue& operator=(const change_queue&) = delete;

  bool watches(std::string_view key) const noexcept;

  /// Adds a change. Call it in the order of the commits. A change that does not fit, or for which
  /// there is no memory, counts as missed.
  void stage(change_kind kind, std::string_view key, std::string_view value, time_point expires_at,
             std::uint64_t revision) noexcept;
  /// Returns whether the caller must now arrange for one call of call(), which calls on_change.
  bool deliver() noexcept;
  void call() noexcept;
  /// Tells the queue that this call could not be arranged.
  void take_back_call() noexcept;

  /// Returns the next change. If there is none, waits until the deadline, and then returns nothing.
  std::optional<change> next(std::optional<std::chrono::steady_clock::time_point> deadline);

  /// Call it when no further changes will be added.
  void end() noexcept;
  bool ended() const;

  /// Call it when the subscription is being destroyed. Waits for a call of on_change that is under
  /// way, unless this thread runs it. Discards the queued changes, and destroys on_change without
  /// holding a lock.
  void abandon() noexcept;
  bool abandoned() const noexcept { return abandoned_.load(std::memory_order_acquire); }

 private:
  bool has_room(std::size_t bytes) const noexcept BUNTDB_REQUIRES(mutex_);
  void append_missed() BUNTDB_REQUIRES(mutex_);
  static watch_options without_on_change(watch_options options);
  bool something_is_ready() const noexcept BUNTDB_REQUIRES(mutex_) {
    return ready_ != 0 || (changes_.empty() && ready_missed_ != 0);
  }

  const watch_options options_;  // without on_change
  const glob pattern_;
  mutable mutex mutex_;
  std::condition_variable changed_;
  std::deque<change> changes_ BUNTDB_GUARDED_BY(mutex_);
  // The number of changes, counted from the first, that can be read.
  std::size_t ready_ BUNTDB_GUARDED_BY(mutex_) = 0;
  std::size_t bytes_ BUNTDB_GUARDED_BY(mutex_) = 0;
  // Changes that came after everything in changes_.
  std::uint64_t missed_ BUNTDB_GUARDED_BY(mutex_) = 0;
  std::uint64_t ready_missed_ BUNTDB_GUARDED_BY(mutex_) =
      0;  // how many of them belong to visible commits
  bool call_requested_ BUNTDB_GUARDED_BY(mutex_) = false;  // since next() found nothing
  bool call_waits_ BUNTDB_GUARDED_BY(mutex_) = false;      // it has not begun yet
  bool ended_ BUNTDB_GUARDED_BY(mutex_) = false;
  std::atomic<bool> abandoned_{false};
  const bool has_on_change_;
  mutex calling_;
  std::function<void()> on_change_ BUNTDB_GUARDED_BY(calling_);
  std::atomic<std::thread::id> caller_{};
};

}  // namespace buntdb::engine
