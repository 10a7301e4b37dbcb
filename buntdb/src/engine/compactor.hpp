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

/// Writes the file anew while readers and writers go on; storage/compaction.hpp writes the new
/// file. Has a thread of its own that looks whether a compaction is due. Thread-safe.
class compactor {
 public:
  explicit compactor(core& core) : core_(core) {}
  compactor(const compactor&) = delete;
  compactor& operator=(const compactor&) = delete;

  void start_thread(std::chrono::milliseconds pause);

  /// See database::compact(). Waits for another call. Throws errc::nested_transaction.
  void compact();
  /// As the policy says. Failures are reported, and nothing is tried for some time.
  void compact_if_due();
  /// The same, but only what takes less than about a tenth of a second.
  void compact_if_due_and_brief();
  /// Whether the file can be replaced where it is, as it was at the open or when a compaction was
  /// due.
  bool can_compact() const noexcept { return can_replace_.load(); }
  void found_unreplaceable() noexcept { can_replace_ = false; }
  /// Whether the policy asks for a compaction of a file of this size with so many live bytes.
  bool is_due(std::uint64_t file_bytes, std::uint64_t live_bytes) const;

  /// From now on a compaction under way gives up, with errc::closed.
  void give_up() noexcept { gives_up_ = true; }
  void stop_thread();
  bool is_this_thread() const noexcept { return thread_ && thread_->is_this_thread(); }

  /// While it is held, no compaction is under way. Taken before the writer's lock.
  mutex& one_at_a_time() BUNTDB_RETURN_CAPABILITY(one_at_a_time_) { return one_at_a_time_; }

  std::uint64_t count() const noexcept { return count_.load(); }
  /// How many failed, but for those that close() ended.
  std::uint64_t failures() const noexcept { return failures_.load(); }
  /// When the last one ended, by the system's clock; empty before the first.
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
  std::atomic<bool> is_refused_{false};  // by the system, when a compaction had been written
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::int64_t> last_{0};  // nanoseconds since 1970, 0 for none
  /// Of compactions by themselves, after one that failed.
  std::atomic<std::chrono::steady_clock::time_point> not_before_{};
  std::optional<periodic_thread> thread_;
};

}  // namespace buntdb::engine
