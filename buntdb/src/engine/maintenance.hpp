#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "engine/core.hpp"
#include "engine/guarded_step.hpp"
#include "memory/huge_page_converter.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// The background work of a database except for the removal of expired items, and its thread:
/// checks the file, syncs, frees memory. No step waits for a transaction or for a user's function,
/// so a sync is never late. Tests call the steps themselves, from one thread at a time.
class maintenance {
 public:
  explicit maintenance(core& core)
      : core_(core),
        converter_(core.memory()),
        checking_(core.events()),
        syncing_(core.events()),
        reclaiming_(core.events()) {}
  maintenance(const maintenance&) = delete;
  maintenance& operator=(const maintenance&) = delete;

  void start_thread(std::chrono::milliseconds pause);
  void stop_thread();
  bool is_this_thread() const noexcept { return thread_ && thread_->is_this_thread(); }
  huge_page_converter& converter() noexcept { return converter_; }

  /// Checks whether the file is still the one that was opened. If not, stops writing and reports an
  /// event.
  void check_file();
  /// Syncs if a commit that was promised a sync has waited for a second. Under
  /// sync_policy::every_second, seals what has been synced.
  void sync_if_due();
  void reclaim_all();

 private:
  void run() noexcept;
  void seal_if_idle();

  core& core_;
  huge_page_converter converter_;
  guarded_step checking_;
  guarded_step syncing_;
  guarded_step reclaiming_;
  std::atomic<bool> stopping_{false};
  std::optional<periodic_thread> thread_;
};

}  // namespace buntdb::engine
