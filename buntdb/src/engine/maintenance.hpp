#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "engine/core.hpp"
#include "engine/expiry_sweeper.hpp"
#include "memory/huge_page_converter.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// What a database does in the background, and the thread that does it: looks after the file,
/// removes what has expired, syncs, frees memory. Tests call the steps themselves; they are for one
/// thread at a time.
class maintenance {
 public:
  maintenance(core& core, expiry_sweeper& sweeper)
      : core_(core), sweeper_(sweeper), converter_(core.memory()) {}
  maintenance(const maintenance&) = delete;
  maintenance& operator=(const maintenance&) = delete;

  void start_thread(std::chrono::milliseconds pause);
  void stop_thread();
  bool is_this_thread() const noexcept { return thread_ && thread_->is_this_thread(); }
  huge_page_converter& converter() noexcept { return converter_; }

  /// Whether the file is still the one that was opened; if not, writing stops, with an event.
  void check_file();
  /// Under sync_policy::every_second: syncs what has waited for a second, and seals what is synced.
  void sync_if_due();
  void reclaim_all();

 private:
  enum step { check, sweep, sync, reclaim, steps };

  void run() noexcept;
  template <class Function>
  void guard(step which, Function function) noexcept;
  void seal_if_idle();

  core& core_;
  expiry_sweeper& sweeper_;
  huge_page_converter converter_;
  bool fails_[steps] = {};  // of each step: whether it has failed the last time
  std::atomic<bool> stopping_{false};
  std::optional<periodic_thread> thread_;
};

}  // namespace buntdb::engine
