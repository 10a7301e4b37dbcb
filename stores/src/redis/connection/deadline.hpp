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

  /// What is left, never negative, rounded up so that waiting for it reaches the deadline.
  std::chrono::milliseconds remaining() const noexcept {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - clock::now()),
                    std::chrono::milliseconds{0});
  }
  /// The same for poll(2).
  int remaining_ms() const noexcept { return static_cast<int>(remaining().count()); }

  /// This one, or `duration` from now, whichever comes first.
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
