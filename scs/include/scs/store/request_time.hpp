#pragma once

#include <chrono>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// Measures one call of a store that waits for a network. Each call has a deadline, and all calls
/// of one request share one timeout: the time that a slow call has taken is not available to the
/// request's later calls. A call that takes less than a twentieth of its timeout does not count, so
/// that a request may make any number of quick calls. Each call has at least a twentieth of its
/// timeout, so that a failed operation can be cleaned up.
///
/// A manager marks the calls that belong to one request (request_time_scope): those that a session
/// makes. Each other call has its full timeout.
///
/// Thread safety: one thread.
class timed_call {
 public:
  /// Begins the call. `timeout` is the timeout of a call that shares it with no other.
  explicit timed_call(std::chrono::nanoseconds timeout) noexcept;
  ~timed_call();
  timed_call(const timed_call&) = delete;
  timed_call& operator=(const timed_call&) = delete;

  /// When the call must end.
  std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }

 private:
  const std::chrono::nanoseconds timeout_;
  const std::chrono::steady_clock::time_point begun_;
  const std::chrono::steady_clock::time_point deadline_;
};

/// During the life of this object, the calls of stores on this thread belong to one request, which
/// has already spent `spent` on calls. The destructor adds what the request has spent since. Inside
/// of the life of another such object it does nothing.
///
/// Thread safety: one thread.
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
