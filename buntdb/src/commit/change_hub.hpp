#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <buntdb/clock.hpp>

#include "commit/change_queue.hpp"
#include "thread/call_queue.hpp"
#include "thread/mutex.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// Delivers the changes of versions to subscribers. The publisher of versions calls stage() with
/// each version before it becomes visible, and deliver() after. Versions are published one at a
/// time. Without subscribers, each call costs one load of an atomic number. Thread-safe.
class change_hub {
 public:
  /// The clock decides what has expired. It must outlive the hub.
  explicit change_hub(const clock& clock) noexcept : clock_(clock) {}
  ~change_hub() { end(); }
  change_hub(const change_hub&) = delete;
  change_hub& operator=(const change_hub&) = delete;

  void add(const std::shared_ptr<change_queue>& queue);

  void stage(const version& next) noexcept {
    if (subscribers_.load(std::memory_order_relaxed) != 0) stage_changes(next);
  }
  void deliver() noexcept {
    if (subscribers_.load(std::memory_order_relaxed) != 0) deliver_changes();
  }

  /// Ends all subscriptions. Returns when no call of on_change is under way any more.
  void end();
  bool is_this_thread() const noexcept { return calls_.is_this_thread(); }

 private:
  void stage_changes(const version& next) noexcept;
  void deliver_changes() noexcept;

  const clock& clock_;
  std::atomic<std::size_t> subscribers_{0};
  mutex mutex_;
  std::vector<std::shared_ptr<change_queue>> queues_ BUNTDB_GUARDED_BY(mutex_);
  bool ended_ BUNTDB_GUARDED_BY(mutex_) = false;
  // Each subscription has at most one queued call, so the number of subscriptions bounds the queue.
  call_queue calls_{std::size_t{1} << 20U, std::size_t{1} << 20U};
};

}  // namespace buntdb::engine
