#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <scs/session_id.hpp>
#include <scs/stores/memory.hpp>

namespace scs::stores {

/// What has expired and was removed, until the listener is told of it: removed under a shard's
/// lock, told without one. Any thread.
class memory::expired_sessions {
 public:
  void set(listener call);

  /// Keeps it for the listener, if there is one. What there is no memory for is not told.
  void add(const session_id& id, std::string&& payload) noexcept;

  /// Tells the listener of what was added. Waits for nobody: a thread that is telling tells that,
  /// too.
  void tell() noexcept;

 private:
  struct removed_session {
    session_id id;
    std::string payload;
  };

  std::atomic<bool> listens_{false};
  std::atomic<bool> has_some_{false};
  std::mutex mutex_;  // guards added_
  std::vector<removed_session> added_{};
  std::recursive_mutex calling_;  // guards call_, also while it is called; taken first
  listener call_{};
};

/// Tells of what a call of the store has removed, when it has given up its locks.
class memory::told_at_end {
 public:
  explicit told_at_end(expired_sessions& told) noexcept : told_(told) {}
  ~told_at_end() { told_.tell(); }
  told_at_end(const told_at_end&) = delete;
  told_at_end& operator=(const told_at_end&) = delete;

 private:
  expired_sessions& told_;
};

}  // namespace scs::stores
