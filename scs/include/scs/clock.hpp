#pragma once

#include <chrono>

#include <buntstore/visibility.hpp>

namespace scs BUNTSTORE_PUBLIC {

/// Wall-clock time with nanoseconds, as deadlines are kept in payloads. Covers the years 1678 to
/// 2262.
using time_point = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Where the sessions take their time from; replace it to turn the clock in a test.
/// Used from any thread.
class clock {
 public:
  virtual ~clock() = default;
  virtual time_point now() const noexcept = 0;

  /// Whether the moment is now or past. The system's clock knows that of most moments for less than
  /// now() takes.
  virtual bool has_come(time_point moment) const noexcept { return moment <= now(); }

  /// The system's real-time clock. Lives as long as the program.
  static const clock& system() noexcept;
};

}  // namespace scs
