#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "engine/core.hpp"
#include "engine/guarded_step.hpp"
#include "memory/huge_page_converter.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// What a database does in the background besides removing what has expired, and the thread that
/// does it: checks the file, syncs, frees memory. No step waits for a transaction or for a function
/// of the user's, so that a sync is never late. Tests call the steps themselves; they are for one
/// thread at a time.
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

  /// Whether the file is still the one that was opened; if not, writing stops, with an event.
  void check_file();
  /// Syncs what was promised to be synced and has waited for a second. Under
  /// sync_policy::every_second, seals what is synced.
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
