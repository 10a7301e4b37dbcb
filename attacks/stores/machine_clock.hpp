#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <scs/clock.hpp>

namespace buntdb::attacks::stores {

/// The clock of one web server's machine, which may be wrong: what the system's real-time clocks
/// show to the threads that act for that web server. This program defines clock_gettime() for it,
/// so that the library needs no special support. Monotonic clocks are unchanged. Thread-safe.
class machine_clock {
 public:
  machine_clock() = default;
  ~machine_clock();
  machine_clock(const machine_clock&) = delete;
  machine_clock& operator=(const machine_clock&) = delete;

  void set_ahead(std::chrono::nanoseconds by) noexcept { ahead_ = by.count(); }
  std::int64_t ahead_ns() const noexcept { return ahead_; }

  /// Threads without a scope act for this web server: those that its store has started.
  void adopt_other_threads() noexcept;

  /// While one lives, its thread acts for the web server.
  class scope {
   public:
    explicit scope(const machine_clock& of) noexcept;
    ~scope();
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

   private:
    const machine_clock* const before_;
  };

  /// Returns the time of the machine that stores the sessions, which is right.
  static scs::time_point right_time() noexcept;

 private:
  std::atomic<std::int64_t> ahead_{0};
};

}  // namespace buntdb::attacks::stores
