#pragma once

#include <cstdint>
#include <ctime>

namespace buntdb::engine {

/// How late the coarse clock may be, in nanoseconds. It is up to two ticks late by design (2.5 to
/// 6.5 ms where a tick is 4 ms), more when an interrupt is late.
constexpr std::int64_t max_coarse_lag = 1'000'000'000;

/// The system's real-time clock as it was at its last tick, in nanoseconds since 1970. Unlike the
/// exact one it does not wait for the loads before it, so that reads may overlap.
inline std::int64_t coarse_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace buntdb::engine
