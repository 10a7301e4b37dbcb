#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <buntdb/options.hpp>
#include <buntdb/statistics.hpp>

#include "commit/commit_notifier.hpp"
#include "commit/commit_pipeline.hpp"
#include "commit/reporter.hpp"
#include "engine/draft_appender.hpp"
#include "engine/live_settings.hpp"
#include "engine/write_state.hpp"
#include "engine/writer_guard.hpp"
#include "memory/pool.hpp"
#include "platform/fork_guard.hpp"
#include "reclaim/reclaimer.hpp"
#include "storage/log_file.hpp"
#include "thread/writer_lock.hpp"
#include "version/pin.hpp"
#include "version/reader_slots.hpp"

namespace buntdb::engine {

/// Connects readers, the single writer and the file: pin, begin, commit, close.
///
///  1. Locks are acquired in this order: the writer's lock, then the pipeline's mutex.
///  2. head_ is the last version that was appended, and the next transaction builds on it. The
///     pipeline's current version is what readers see: head_ or an earlier version.
///  3. A write_state that begin() returned is ended by exactly one of these: commit(), a
///     try_commit() that returns true or throws, commit_then(), or rollback(). The writer's lock is
///     held until then.
///
/// Thread-safe.
class core {
 public:
  explicit core(const options& options);
  /// Frees everything. No snapshot or transaction may exist any more (asserted).
  ~core();
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  /// Makes an empty version to fill. Pass it to start() or, if there is no start(), to
  /// free_first_version(). Throws std::bad_alloc.
  version* make_first_version();
  void free_first_version(version* first) noexcept {
    writer_.assert_held();  // no other thread knows the core yet
    write_state::discard(memory_, *first);
    reclaimer_.free_version(first);
  }
  /// Call it once, before anything else, with the first version and its file; the file is null
  /// for a database in memory.
  void start(std::unique_ptr<log_file> log, version* first);

  /// Pins the current version. Never waits. Throws std::bad_alloc, errc::closed.
  pinned_version pin();
  /// Finds an item that was alive at a moment between the call and its return. The result is empty
  /// if there is none. Never waits. Throws what pin() throws.
  pinned_item pin_item(std::string_view key);

  /// Waits for the writer's lock; see database::begin().
  write_state& begin();
  /// Returns null if the deadline passes first.
  write_state* try_begin_until(std::chrono::steady_clock::time_point deadline);
  /// Returns null if any thread, including this one, is writing, or if try_commit() would block.
  write_state* try_begin();
  void commit(write_state& writing);
  /// Returns false if it would block; nothing has changed then. See transaction::try_commit().
  bool try_commit(write_state& writing);
  /// Calls `done` when the commit is complete instead of waiting; see transaction::commit_then().
  void commit_then(write_state& writing, std::function<void(std::exception_ptr)> done);
  void rollback(write_state& writing) noexcept;

  /// Returns whether this many more bytes are within the memory limit. If necessary, first frees
  /// what no reader can see any more. For the thread that writes.
  bool has_room(std::uint64_t more) noexcept {
    const std::uint64_t limit = settings_.max_memory();
    if (limit == 0 || memory_.bytes() + more <= limit) return true;
    writer_.assert_held();
    collect(limit);
    return memory_.bytes() + more <= limit;
  }

  /// See database::watch(). Throws errc::closed.
  void watch(const std::shared_ptr<change_queue>& queue) {
    check_open();
    pipeline_->watch(queue);
  }

  /// Syncs everything that was appended before the call. Throws errc::closed, errc::writes_stopped.
  void sync() {
    check_open();
    pipeline_->sync();
  }
  /// Frees what readers no longer see, in a bounded step. Does nothing if it cannot acquire the
  /// writer's lock within 10 ms. Returns whether there is more to do.
  bool reclaim();
  /// close() in three steps. After begin_close(), begin() and pin() throw errc::closed.
  /// begin_close() returns false if it was called before, and throws errc::nested_transaction.
  /// end_notifications() returns when all functions of commit_then() have been called. close_file()
  /// seals, syncs and closes the file, which nothing may use meanwhile. It throws what the sync
  /// throws; the file is closed in any case.
  bool begin_close();
  void end_notifications() { notifier_.stop(); }
  /// Returns whether the caller is a function passed to commit_then() or watch().
  bool notifies_on_this_thread() const noexcept {
    return notifier_.calls_this_thread() || pipeline_->changes().is_this_thread();
  }
  void close_file();

  /// Returns the figures that the core itself knows. Throws errc::nested_transaction, errc::closed.
  statistics stats();

  void check_open() const;
  bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }
  void check_writable() const;
  time_point now() const noexcept { return clock_.now(); }
  bool forked() const noexcept { return fork_guard_.forked(); }
  bool read_only() const noexcept { return read_only_; }

  // For the work outside transactions: compaction, expiry, the background thread.

  writer_lock& writer() BUNTDB_RETURN_CAPABILITY(writer_) { return writer_; }
  commit_pipeline& pipeline() noexcept { return *pipeline_; }
  /// Null for a database in memory, and after the file is closed, which happens without the
  /// writer's lock.
  log_file* log() noexcept { return log_.get(); }
  live_settings& settings() noexcept { return settings_; }
  const live_settings& settings() const noexcept { return settings_; }
  const reporter& events() const noexcept { return reporter_; }
  pool& memory() noexcept { return memory_; }
  reclaimer& garbage() noexcept BUNTDB_REQUIRES(writer_) { return reclaimer_; }
  /// Call it before the first append.
  void prepare_file() BUNTDB_REQUIRES(writer_) { appender_->prepare(*head_); }
  /// After a failure of the log, stops further commits if the file accepts no more writes or is
  /// lost.
  void stop_writing_if_broken(const std::exception& failure) BUNTDB_REQUIRES(writer_) {
    appender_->stop_if_broken(failure);
  }

  /// While one lives, another file is being written and synced, so try_commit() refuses in order
  /// not to wait for the disk.
  class file_writer {
   public:
    explicit file_writer(core& core) noexcept : count_(core.file_writers_) { ++count_; }
    ~file_writer() { --count_; }
    file_writer(const file_writer&) = delete;
    file_writer& operator=(const file_writer&) = delete;

   private:
    std::atomic<int>& count_;
  };

 private:
  /// What a committer must still wait for after the batch is appended.
  struct commit_outcome {
    std::uint64_t number;  ///< the number of the version that must become visible
    bool throttled;        ///< the commit must also wait while a sync is overdue
  };

  write_state& begin_with(writer_guard& guard) BUNTDB_REQUIRES(writer_);
  /// Returns whether every commit may wait for the disk at present; try_commit() does not even
  /// begin then.
  bool commits_block(sync_policy policy) const noexcept {
    return (appender_ && policy == sync_policy::always) || file_writers_.load() != 0;
  }
  commit_outcome finish_commit(write_state& writing, sync_policy policy,
                               std::unique_ptr<pending_notification> on_done);
  void append(write_state& writing, sync_policy policy) BUNTDB_REQUIRES(writer_);
  void discard(write_state& writing) noexcept BUNTDB_REQUIRES(writer_) {
    reclaimer_.free_version(writing.discard());
  }
  void collect(std::uint64_t budget) noexcept BUNTDB_REQUIRES(writer_);
  void free_everything() noexcept;

  const platform::fork_guard fork_guard_;
  const bool read_only_;
  live_settings settings_;
  const clock& clock_;
  const bool has_system_clock_;
  const reporter reporter_;
  pool memory_;
  reader_slots slots_;
  std::unique_ptr<log_file> log_;
  std::optional<commit_pipeline> pipeline_;
  commit_notifier notifier_;
  std::optional<draft_appender> appender_;  // set by start() if there is a file

  writer_lock writer_;
  reclaimer reclaimer_ BUNTDB_GUARDED_BY(writer_);
  write_state writing_ BUNTDB_GUARDED_BY(writer_);
  version* head_ BUNTDB_GUARDED_BY(writer_) = nullptr;
  std::atomic<bool> closed_{false};
  std::atomic<int> file_writers_{0};
};

}  // namespace buntdb::engine
