#pragma once

#include <chrono>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// One call of a store that waits for a network. It ends by a deadline, and so do all calls of one
/// request together: what a slow call has taken, the request's later calls do not have. A call that
/// takes less than a twentieth of its timeout counts as nothing, so that a request may make any
/// number of quick ones; and each call has a twentieth, so that what failed can be cleaned up.
///
/// A manager says which calls belong to one request: those that a session makes. All others have
/// their timeouts for themselves. Used by one thread.
class timed_call {
 public:
  explicit timed_call(std::chrono::nanoseconds timeout) noexcept;
  ~timed_call();
  timed_call(const timed_call&) = delete;
  timed_call& operator=(const timed_call&) = delete;

  std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

 private:
  const std::chrono::nanoseconds timeout_;
  const std::chrono::steady_clock::time_point begun_;
  const std::chrono::steady_clock::time_point deadline_;
};

/// While one lives, the calls of stores on this thread belong to one request, which has spent this
/// much on calls before; the destructor adds what it has spent since. Within another one's life it
/// does nothing.
class request_time_scope {
 public:
  explicit request_time_scope(std::chrono::nanoseconds& spent) noexcept;
  ~request_time_scope();
  request_time_scope(const request_time_scope&) = delete;
  request_time_scope& operator=(const request_time_scope&) = delete;

 private:
  std::chrono::nanoseconds& spent_;
  const bool is_outer_;
};

}  // namespace scs
