#pragma once

#include <cstdint>
#include <ctime>

namespace buntdb::engine {

/// The greatest lag of the coarse clock that is assumed, in nanoseconds. By design it is up to two
/// ticks late (2.5 to 6.5 ms with a tick of 4 ms), and more if an interrupt is late.
constexpr std::int64_t max_coarse_lag = 1'000'000'000;

/// Returns the system's real-time clock as of its last tick, in nanoseconds since 1970. Unlike the
/// exact clock, reading it does not wait for earlier loads, so that reads may overlap.
inline std::int64_t coarse_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace buntdb::engine
