#pragma once

#include <chrono>

#include <scs/clock.hpp>

// Saturating arithmetic for times that come from options, handlers and stores: a result that does
// not fit becomes the first or last moment, or the longest duration.

namespace scs::detail {

/// Returns `moment` plus `duration`, which may be negative.
constexpr time_point later(time_point moment, std::chrono::nanoseconds duration) noexcept {
  time_point::rep sum = 0;
  if (!__builtin_add_overflow(moment.time_since_epoch().count(), duration.count(), &sum)) {
    return time_point{std::chrono::nanoseconds{sum}};
  }
  return duration.count() > 0 ? time_point::max() : time_point::min();
}

constexpr time_point earlier(time_point moment, std::chrono::nanoseconds duration) noexcept {
  time_point::rep difference = 0;
  if (!__builtin_sub_overflow(moment.time_since_epoch().count(), duration.count(), &difference)) {
    return time_point{std::chrono::nanoseconds{difference}};
  }
  return duration.count() > 0 ? time_point::min() : time_point::max();
}

/// Returns how long after `from` the moment `until` is. Negative if it is before.
constexpr std::chrono::nanoseconds time_between(time_point from, time_point until) noexcept {
  time_point::rep difference = 0;
  if (!__builtin_sub_overflow(until.time_since_epoch().count(), from.time_since_epoch().count(),
                              &difference)) {
    return std::chrono::nanoseconds{difference};
  }
  return until > from ? std::chrono::nanoseconds::max() : std::chrono::nanoseconds::min();
}

}  // namespace scs::detail
