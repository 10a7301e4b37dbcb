#pragma once

#include <cstdint>
#include <ctime>

namespace buntdb::platform {

/// The system's real-time clock that is the fastest to read. It may be late by less than
/// max_coarse_lag.
extern const clockid_t coarse_clock;

/// The greatest lag of the coarse clock that is assumed, in nanoseconds. On Linux it is by design
/// up to two ticks late (2.5 to 6.5 ms with a tick of 4 ms), and more if an interrupt is late.
constexpr std::int64_t max_coarse_lag = 1'000'000'000;

/// Returns the coarse clock's time in nanoseconds since 1970. On Linux, unlike the exact clock,
/// reading it does not wait for earlier loads, so that reads may overlap.
inline std::int64_t coarse_time() noexcept {
  timespec time{};
  ::clock_gettime(coarse_clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace buntdb::platform
