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

/// Whom to tell when a commit that nobody waits for is over.
struct pending_notification {
  explicit pending_notification(std::function<void(std::exception_ptr)> function)
      : done(std::move(function)) {}

  std::function<void(std::exception_ptr)> done;
  std::uint64_t number = 0;  ///< of the version that must be visible
  bool throttled = false;    ///< and no sync may be overdue
  pending_notification* next = nullptr;
};

/// A thread that waits in the place of those who do not: it leads the sync if nobody else does, and
/// tells one after the other, in the order in which they were added.
///
///  1. Each that was added is told once, before stop() returns.
///  2. add() cannot fail: what it needs was allocated, and the thread started, before the batch was
///     written.
class commit_notifier {
 public:
  explicit commit_notifier(const reporter& reporter) : reporter_(reporter) {}
  commit_notifier(const commit_notifier&) = delete;
  commit_notifier& operator=(const commit_notifier&) = delete;
  ~commit_notifier() { stop(); }

  /// Starts the thread, unless it runs. One caller at a time, none after stop(). Throws
  /// std::system_error.
  void start(commit_pipeline& pipeline);

  void add(std::unique_ptr<pending_notification> added) noexcept;

  /// Returns when all have been told and the thread has ended. Harmless when called twice.
  void stop();

  /// Whether the caller is a function that is being told.
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
