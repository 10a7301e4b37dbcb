#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>
#include <type_traits>

#include <buntdb/clock.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The time to live of an item that does not expire.
inline constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

namespace detail {

/// Returns the duration in nanoseconds. A duration out of their range (about 292 years) becomes
/// their limit.
template <class Rep, class Period>
constexpr std::chrono::nanoseconds saturated(std::chrono::duration<Rep, Period> duration) noexcept {
  using std::chrono::nanoseconds;
  if constexpr (std::ratio_less_equal_v<Period, std::nano>) {
    return std::chrono::duration_cast<nanoseconds>(duration);
  } else {
    using whole = std::chrono::duration<std::int64_t, Period>;
    constexpr whole most = std::chrono::duration_cast<whole>(nanoseconds::max());
    if (duration > most) return nanoseconds::max();
    if constexpr (std::is_signed_v<Rep>) {
      if (duration < -most) return nanoseconds::min();
    }
    return std::chrono::duration_cast<nanoseconds>(duration);
  }
}

}  // namespace detail

/// How long an item lives: any duration with an integral count. A duration that is too long for
/// nanoseconds, such as std::chrono::hours::max(), counts as `forever`.
class time_to_live {
 public:
  /// Converts from any such duration.
  template <class Rep, class Period>
  requires(!std::chrono::treat_as_floating_point_v<Rep>) constexpr time_to_live(
      std::chrono::duration<Rep, Period> duration) noexcept
      : nanoseconds_(detail::saturated(duration)) {}

  /// Returns the duration in nanoseconds.
  constexpr std::chrono::nanoseconds nanoseconds() const noexcept { return nanoseconds_; }

 private:
  std::chrono::nanoseconds nanoseconds_;
};

/// When an item expires: any moment of the system's clock. A moment after the year 2262, which
/// nanoseconds cannot represent, means never.
class expiry_time {
 public:
  /// Converts from any such moment.
  template <class Duration>
  requires(!std::chrono::treat_as_floating_point_v<typename Duration::rep>) constexpr expiry_time(
      std::chrono::sys_time<Duration> moment) noexcept
      : moment_(detail::saturated(moment.time_since_epoch())) {}

  /// Returns the moment in nanoseconds; time_point::max() means never.
  constexpr time_point moment() const noexcept { return moment_; }

 private:
  time_point moment_;
};

}  // namespace buntdb
