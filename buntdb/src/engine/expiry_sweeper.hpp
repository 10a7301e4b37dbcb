#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <buntdb/options.hpp>

#include "engine/core.hpp"
#include "engine/guarded_step.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// Calls the user's on_expired_sync in the transaction that is under way. Returns whether that
/// transaction is still open: the function may commit it or roll it back, and if it throws, the
/// transaction has been rolled back. The layer that defines transactions provides this function.
using expiry_hook_call = bool (*)(const expiry_hooks& hooks, core& core, write_state& writing,
                                  const expired_item& expired);

/// Removes expired items and calls the user's hooks. Its own thread waits for transactions and for
/// on_expired_sync; no other thread waits for it.
class expiry_sweeper {
 public:
  struct outcome {
    unsigned removed;
    bool more;  ///< whether there is more to do
  };

  expiry_sweeper(core& core, expiry_hook_call call) noexcept
      : core_(core), call_hook_(call), step_(core.events()) {}
  expiry_sweeper(const expiry_sweeper&) = delete;
  expiry_sweeper& operator=(const expiry_sweeper&) = delete;

  void start_thread(std::chrono::milliseconds pause) {
    thread_.emplace([this] { step_.run([this] { remove_all(); }); }, pause);
  }
  void stop_thread() {
    if (thread_) thread_->stop();
  }
  bool is_this_thread() const noexcept { return thread_ && thread_->is_this_thread(); }

  /// Removes items in one bounded step. Throws what a commit throws, and what user-supplied
  /// orderings throw.
  outcome remove_some();
  /// Repeats remove_some() until nothing more can be removed at present.
  void remove_all();

 private:
  enum class hook_call { yes, no };

  template <class Found>
  bool find_expired(const write_state& writing, Found found);
  outcome remove_together(const expiry_hooks& hooks, std::vector<expired_item>& removed);
  outcome remove_one_by_one(const expiry_hooks& hooks, std::vector<expired_item>& removed);
  std::optional<expired_item> remove_one(const std::string& key, const expiry_hooks& hooks,
                                         hook_call call);
  void call_on_expired(const expiry_hooks& hooks, std::vector<expired_item>&& removed) const;

  core& core_;
  const expiry_hook_call call_hook_;
  guarded_step step_;
  std::optional<periodic_thread> thread_;
};

}  // namespace buntdb::engine
