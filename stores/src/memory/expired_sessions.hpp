#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <scs/session_id.hpp>
#include <scs/stores/memory.hpp>

namespace scs::stores {

/// The expired sessions that were removed under a shard's lock, until the listener is called
/// without that lock. Any thread may call any function.
class memory::expired_sessions {
 public:
  void set(listener call);

  /// Keeps the session for the listener, if there is one. Drops it if there is no memory.
  void add(const session_id& id, std::string&& payload) noexcept;

  /// Calls the listener for the sessions that were added. It does not wait: if another thread is
  /// calling the listener, that thread reports these sessions, too.
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
  std::recursive_mutex calling_;  // guards call_, also while it is called; locked first
  listener call_{};
};

/// Reports what a call of the store has removed, after the call has released its locks.
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
