#pragma once

#include <algorithm>
#include <chrono>

namespace scs::stores::redis_detail {

/// The moment at which a call gives up.
class deadline {
 public:
  static deadline in(std::chrono::milliseconds duration) noexcept {
    return deadline{clock::now() + duration};
  }

  static deadline at(std::chrono::steady_clock::time_point moment) noexcept {
    return deadline{moment};
  }

  bool passed() const noexcept { return clock::now() >= at_; }

  /// Returns the remaining time, which is never negative. It is rounded up, so that a wait of this
  /// time reaches the deadline.
  std::chrono::milliseconds remaining() const noexcept {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now()),
                    std::chrono::milliseconds{0});
  }
  /// The same for poll(2).
  int remaining_ms() const noexcept { return static_cast<int>(remaining().count()); }

  /// Returns this deadline or the moment after `duration` from now, whichever is earlier.
  deadline at_most(std::chrono::milliseconds duration) const noexcept {
    return deadline{std::min(at_, clock::now() + duration)};
  }

  std::chrono::steady_clock::time_point moment() const noexcept { return at_; }

 private:
  using clock = std::chrono::steady_clock;
  explicit deadline(clock::time_point at) noexcept : at_(at) {}

  clock::time_point at_;
};

}  // namespace scs::stores::redis_detail
