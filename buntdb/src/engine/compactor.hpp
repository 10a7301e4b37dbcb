#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <buntdb/clock.hpp>

#include "engine/core.hpp"
#include "thread/mutex.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// Rewrites the file while readers and writers continue; storage/compaction.hpp writes the new
/// file. Its own thread checks whether a compaction is due. Thread-safe.
class compactor {
 public:
  explicit compactor(core& core) : core_(core) {}
  compactor(const compactor&) = delete;
  compactor& operator=(const compactor&) = delete;

  void start_thread(std::chrono::milliseconds pause);

  /// See database::compact(). Waits while another call runs. Throws errc::nested_transaction.
  void compact();
  /// Compacts if the policy asks for it. A failure is reported as an event, and no attempt is made
  /// for some time after it.
  void compact_if_due();
  /// Like compact_if_due(), but only if it takes less than about a tenth of a second.
  void compact_if_due_and_brief();
  /// Returns whether the file can be replaced where it is, as found at the open or when a
  /// compaction was last due.
  bool can_compact() const noexcept { return can_replace_.load(); }
  void found_unreplaceable() noexcept { can_replace_ = false; }
  /// Returns whether the policy asks for a compaction of a file of this size with this many live
  /// bytes.
  bool is_due(std::uint64_t file_bytes, std::uint64_t live_bytes) const;

  /// Makes a compaction that is under way, and every later one, fail with errc::closed.
  void give_up() noexcept { gives_up_ = true; }
  void stop_thread();
  bool is_this_thread() const noexcept { return thread_ && thread_->is_this_thread(); }

  /// While it is held, no compaction is under way. Acquired before the writer's lock.
  mutex& one_at_a_time() BUNTDB_RETURN_CAPABILITY(one_at_a_time_) { return one_at_a_time_; }

  std::uint64_t count() const noexcept { return count_.load(); }
  /// Returns the number of failed compactions, except those that close() interrupted.
  std::uint64_t failures() const noexcept { return failures_.load(); }
  /// Returns when the last compaction ended, by the system's clock; nothing before the first.
  std::optional<time_point> last() const noexcept;

 private:
  bool can_replace() BUNTDB_REQUIRES(one_at_a_time_);
  void replace_file() BUNTDB_REQUIRES(one_at_a_time_);
  std::unique_ptr<io::file> write() BUNTDB_REQUIRES(one_at_a_time_);
  void compact_if_due(std::uint64_t max_live_bytes);
  bool should_compact(std::uint64_t live_bytes);
  bool install(compaction& work, commit_pipeline::if_syncing otherwise,
               std::unique_ptr<io::file>& old);

  core& core_;
  mutex one_at_a_time_;
  std::atomic<bool> gives_up_{false};
  std::atomic<bool> can_replace_{true};
  std::atomic<bool> is_refused_{false};  // the system refused the rename of a finished compaction
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::int64_t> last_{0};  // nanoseconds since 1970, 0 for none
  /// No automatic compaction before this time. Set after one that failed.
  std::atomic<std::chrono::steady_clock::time_point> not_before_{};
  std::optional<periodic_thread> thread_;
};

}  // namespace buntdb::engine
