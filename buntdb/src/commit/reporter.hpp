#pragma once

#include <functional>
#include <string>
#include <system_error>
#include <utility>

#include <buntdb/event.hpp>

#include "thread/call_queue.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// Calls the user's functions: on_event, and others that are not part of a transaction. Threads
/// with deadlines must not wait for them: on a periodic_thread, the call is queued for another
/// thread. Any other thread is the user's own, or no other thread waits for it, so it calls
/// directly. Thread-safe.
class reporter {
 public:
  explicit reporter(std::function<void(const event&)> sink) : sink_(std::move(sink)) {}
  ~reporter() { stop(); }
  reporter(const reporter&) = delete;
  reporter& operator=(const reporter&) = delete;

  /// Calls on_event. Call it without holding a lock. Exceptions of the user's function are ignored.
  void report(event_kind kind, std::error_code code, const std::string& message) const noexcept;

  /// Calls the function, or queues the call. The function must not throw. `bytes` is the size of
  /// what it holds. A call that does not fit the queue is dropped, counted, and reported when there
  /// is room again.
  void call(std::function<void()> function, std::size_t bytes) const noexcept;

  /// Returns when all queued calls have been made. Later calls that would be queued are dropped.
  void stop() const { queue_.stop(); }
  bool is_this_thread() const noexcept { return queue_.is_this_thread(); }
  std::uint64_t dropped() const { return queue_.dropped(); }

 private:
  void tell(const event& event) const noexcept;
  void report_dropped() const noexcept;

  static constexpr std::size_t max_calls = 1024;
  static constexpr std::size_t max_bytes = std::size_t{16} << 20U;

  const std::function<void(const event&)> sink_;
  mutable call_queue queue_{max_calls, max_bytes};
  mutable std::uint64_t reported_drops_ = 0;  // used by the queue's thread only
};

}  // namespace buntdb::engine
