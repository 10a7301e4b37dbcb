#pragma once

#include <chrono>
#include <cstddef>
#include <ctime>
#include <new>

#include <buntstore/visibility.hpp>

namespace buntstore BUNTSTORE_PUBLIC {

/// Wall-clock time in nanoseconds, as expiries are kept in memory. It covers the years 1678 to
/// 2262.
using time_point = std::chrono::sys_time<std::chrono::nanoseconds>;

/// The source of time for databases and sessions. Derive from it to control the time in a test. Its
/// functions may be called from any thread.
class clock {
 public:
  virtual ~clock() = default;
  /// Returns the present time.
  virtual time_point now() const noexcept = 0;

  /// Returns whether the moment is now or in the past. For most moments, the system's clock answers
  /// this faster than now().
  virtual bool has_come(time_point moment) const noexcept { return moment <= now(); }

  /// Returns the system's real-time clock. It lives as long as the program.
  static const clock& system() noexcept;
};

namespace internal {

class system_clock final : public clock {
 public:
  time_point now() const noexcept override {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  }

#ifdef CLOCK_REALTIME_COARSE
  bool has_come(time_point moment) const noexcept override {
    // The same clock as of the kernel's last tick, which was at most a hundredth of a second ago.
    constexpr std::chrono::seconds more_than_a_tick{1};
    timespec tick{};
    if (clock_gettime(CLOCK_REALTIME_COARSE, &tick) == 0) {
      const time_point reached{std::chrono::seconds{tick.tv_sec} +
                               std::chrono::nanoseconds{tick.tv_nsec}};
      if (moment > reached + more_than_a_tick) return false;
    }
    return moment <= now();
  }
#endif
};

}  // namespace internal

inline const clock& clock::system() noexcept {
  // It is never destroyed: databases and session managers in global objects use it until the
  // program ends.
  alignas(internal::system_clock) static std::byte room[sizeof(internal::system_clock)];
  static const internal::system_clock& instance = *::new (room) internal::system_clock;
  return instance;
}

}  // namespace buntstore
