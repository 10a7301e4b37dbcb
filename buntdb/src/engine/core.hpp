#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/options.hpp>

#include "engine/background.hpp"
#include "engine/commit_pipeline.hpp"
#include "engine/completions.hpp"
#include "engine/fork_guard.hpp"
#include "engine/held_version.hpp"
#include "engine/live_settings.hpp"
#include "engine/log_file.hpp"
#include "engine/memory.hpp"
#include "engine/reader_slots.hpp"
#include "engine/reclaimer.hpp"
#include "engine/reporter.hpp"
#include "engine/write_state.hpp"
#include "engine/writer_lock.hpp"
#include "io/file_system.hpp"

namespace buntdb::engine {

/// How an engine works, beyond the user's options.
struct core_settings {
  /// Tests call the steps of the background thread themselves.
  bool with_background_thread = true;
};

/// One database: binds readers, the one writer, the file and the background thread together.
/// Thread-safe. Locks are taken in this order: the writer's lock, then the pipeline's mutex.
class core {
 public:
  /// files must outlive the engine. Throws buntdb::error.
  static std::unique_ptr<core> open(io::file_system& files, const std::string& path,
                                    const options& options, const core_settings& settings = {});
  static std::unique_ptr<core> in_memory(const options& options,
                                         const core_settings& settings = {});
  /// No snapshot or transaction may be left (asserted).
  ~core();
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  struct pinned {
    const engine::version& version;
    reader_slot& slot;
  };
  /// Never waits. Throws std::bad_alloc, errc::closed.
  pinned pin();

  /// The same, for the engine's own work.
  held_version hold() {
    const pinned now = pin();
    return {now.version, now.slot};
  }

  /// An item and the slot that pins the version it was found in; two null pointers if there is
  /// none.
  struct pinned_item {
    const engine::item* item = nullptr;
    reader_slot* slot = nullptr;
  };
  /// What was alive at a moment between the call and its return. Never waits, throws like pin().
  pinned_item pin_item(std::string_view key);

  /// Waits for the writer's lock; see database::begin().
  write_state& begin();
  /// Null if the time is over.
  write_state* try_begin_until(std::chrono::steady_clock::time_point deadline);
  /// Null if somebody writes, this thread included.
  write_state* try_begin();
  void commit(write_state& writing);
  /// False if it would wait, and has then done nothing; see transaction::try_commit().
  bool try_commit(write_state& writing);
  bool commit_waits_now() const noexcept {
    return (in_a_file_ && settings_.sync() == sync_policy::always) || other_files_.load() != 0;
  }
  /// Tells of the end instead of waiting for it; see transaction::commit_then().
  void commit_then(write_state& writing, std::function<void(std::exception_ptr)> done);
  void rollback(write_state& writing) noexcept;

  time_point now() const noexcept { return clock_.now(); }
  void sync();
  void compact();
  /// What becomes of an index that has the name already.
  enum class existing_index { refuse, replace };
  /// Builds an index beside readers and writers; see database::create_index().
  void create_index(const shared_definition& definition, existing_index existing);
  void save(std::ostream& out);
  void save(const std::string& path);
  void load(std::istream& in);
  void load(const std::string& path);
  void change(const settings_change& change);
  settings current_settings() const { return settings_.get(); }
  statistics stats();
  void close();
  bool forked() const noexcept { return fork_guard_.forked(); }

  // What the background thread does, a bounded step at a time.
  struct expired_step {
    unsigned removed;
    bool more;  ///< to do
  };
  expired_step remove_expired();
  void sync_if_due();
  void check_file();
  void compact_if_due();
  bool reclaim();  ///< true if there is more to do
  /// Makes up for what the open left undone to be fast; gives how many chunks it has gone through.
  /// A few at a time: each is some milliseconds of work, and who touches it just then waits.
  unsigned make_chunks_huge() noexcept;

 private:
  explicit core(const options& options);

  void start(std::unique_ptr<log_file> log, version* first, const core_settings& settings);
  void check_open() const;
  void check_writable() const;
  write_state& begin_locked();
  /// A transaction that has ended, as far as its writer has anything to do with it.
  struct ended {
    std::uint64_t number;  ///< of the version that must be visible
    bool bounded;          ///< commits wait for a sync that is overdue
  };
  ended end(write_state& writing, sync_policy policy, std::unique_ptr<completion> told);
  void write_batch(write_state& writing, sync_policy policy);
  void prepare_file();
  std::unique_ptr<io::file> write_compacted();
  bool install_compacted(compaction& work, commit_pipeline::if_syncing otherwise,
                         std::unique_ptr<io::file>& old);
  template <class Function>
  void with_writer_stopped(Function function);
  /// Counts one more as long as it lives.
  class counted {
   public:
    explicit counted(std::atomic<int>& count) noexcept : count_(count) { ++count_; }
    ~counted() { --count_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

   private:
    std::atomic<int>& count_;
  };
  enum class hook_call { yes, no };
  template <class Found>
  bool find_expired(const write_state& writing, Found found);
  expired_step remove_expired_together(const expiry_hooks& hooks,
                                       std::vector<expired_item>& removed);
  expired_step remove_expired_one_by_one(const expiry_hooks& hooks,
                                         std::vector<expired_item>& removed);
  std::optional<expired_item> remove_one_expired(const std::string& key, const expiry_hooks& hooks,
                                                 hook_call call);
  template <class Function>
  bool guard_hook(const char* name, Function function);
  void collect(std::uint64_t budget) noexcept;
  void run_background() noexcept;
  void run_guarded(void (core::*step)(), bool& fails) noexcept;
  void remove_all_expired();
  void reclaim_all();
  void seal_if_idle();
  void close_file();
  void free_everything() noexcept;

  void load(const io::file& file);

  const fork_guard fork_guard_;
  const bool read_only_;
  live_settings settings_;
  const clock& clock_;
  const bool has_system_clock_;
  const reporter reporter_;
  io::file_system* files_ = &io::file_system::posix();
  memory memory_;
  reader_slots slots_;
  reclaimer reclaimer_;
  std::unique_ptr<log_file> log_;
  bool in_a_file_ = false;  // for those who ask without the writer's lock
  std::optional<commit_pipeline> pipeline_;
  completions completions_;

  writer_lock writer_;
  // Guarded by the writer's lock:
  write_state writing_;
  version* head_ = nullptr;  // the last version appended; what the next transaction builds on
  std::string batch_;
  std::atomic<bool> closed_{false};

  std::mutex compaction_mutex_;      // taken before the writer's lock
  std::atomic<int> other_files_{0};  // that are being written and synced: compactions, copies
  std::atomic<bool> closing_{false};
  std::atomic<std::uint64_t> compactions_{0};
  std::atomic<std::int64_t> last_compaction_{0};  // nanoseconds since 1970, 0 for none
  std::chrono::steady_clock::time_point no_compaction_before_{};

  std::uint64_t read_only_bytes_ = 0;
  std::uint64_t recovered_bytes_ = 0;
  std::string recovered_to_;
  bool checking_fails_ = false;  // these four are the background thread's
  bool removing_fails_ = false;
  bool syncing_fails_ = false;
  bool reclaiming_fails_ = false;
  std::vector<void*> small_chunks_;  // of memory_, for make_chunks_huge(); that thread's, too
  std::optional<background> background_;
  std::optional<background> compactor_;
};

}  // namespace buntdb::engine
