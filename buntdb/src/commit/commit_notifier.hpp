#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <thread>

#include "commit/commit_pipeline.hpp"
#include "commit/reporter.hpp"
#include "thread/mutex.hpp"
#include "tree/chain.hpp"

namespace buntdb::engine {

/// What to call when a commit that no thread waits for is complete.
struct pending_notification {
  explicit pending_notification(std::function<void(std::exception_ptr)> function)
      : done(std::move(function)) {}

  std::function<void(std::exception_ptr)> done;
  std::uint64_t number = 0;  ///< of the version that must become visible
  bool throttled = false;    ///< also wait while a sync is overdue
  pending_notification* next = nullptr;
};

/// A thread that waits for commits on behalf of their callers. It leads the sync if no other thread
/// does, and notifies one after the other, in the order in which they were added.
///
///  1. Each notification that was added is delivered exactly once, before stop() returns.
///  2. add() cannot fail: the memory was allocated, and the thread was started, before the batch
///     was written.
class commit_notifier {
 public:
  explicit commit_notifier(const reporter& reporter) : reporter_(reporter) {}
  commit_notifier(const commit_notifier&) = delete;
  commit_notifier& operator=(const commit_notifier&) = delete;
  ~commit_notifier() { stop(); }

  /// Starts the thread if it is not running. Call it from one thread at a time, and not after
  /// stop(). Throws std::system_error.
  void start(commit_pipeline& pipeline);

  void add(std::unique_ptr<pending_notification> added) noexcept;

  /// Returns when all notifications have been delivered and the thread has ended. A second call
  /// does nothing.
  void stop();

  /// Returns whether the caller is a function that is being notified.
  bool calls_this_thread() const noexcept;

 private:
  void run(commit_pipeline& pipeline);
  void notify(pending_notification& next, commit_pipeline& pipeline) const noexcept;

  const reporter& reporter_;
  mutex mutex_;
  std::condition_variable added_;
  chain<pending_notification, &pending_notification::next> waiting_
      BUNTDB_GUARDED_BY(mutex_);  // owned
  bool stopping_ BUNTDB_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace buntdb::engine
