#pragma once

#include <functional>
#include <string>
#include <system_error>
#include <utility>

#include <buntdb/event.hpp>

#include "thread/call_queue.hpp"
#include "thread/periodic_thread.hpp"

namespace buntdb::engine {

/// Calls the user's functions: on_event, and what else is not part of a transaction. Threads that
/// keep a promise about time must not wait for them: on periodic_threads, a queue calls. On all
/// others, which are the user's own or wait for nothing, the call is made at once. Thread-safe.
class reporter {
 public:
  explicit reporter(std::function<void(const event&)> sink) : sink_(std::move(sink)) {}
  ~reporter() { stop(); }
  reporter(const reporter&) = delete;
  reporter& operator=(const reporter&) = delete;

  /// Tells on_event. Call it without a lock. What the user's function throws is ignored.
  void report(event_kind kind, std::error_code code, const std::string& message) const noexcept;

  /// Calls the function, which must not throw, or has it called. bytes is what it holds. What does
  /// not fit into the queue is dropped, counted, and reported when there is room again.
  void call(std::function<void()> function, std::size_t bytes) const noexcept;

  /// Returns when all calls have been made. From then on, calls that would wait are dropped.
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
  mutable std::uint64_t reported_drops_ = 0;  // the queue's thread's
};

}  // namespace buntdb::engine
