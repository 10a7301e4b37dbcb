#pragma once

#include <atomic>
#include <chrono>

#include <scs/clock.hpp>

namespace test {

/// A clock for scs that moves only when a test changes it.
class session_clock final : public scs::clock {
 public:
  explicit session_clock(scs::time_point start = scs::time_point{std::chrono::seconds{
                             1'800'000'000}}) noexcept
      : now_(start.time_since_epoch().count()) {}

  scs::time_point now() const noexcept override {
    return scs::time_point{std::chrono::nanoseconds{now_.load()}};
  }
  void advance(std::chrono::nanoseconds duration) noexcept { now_ += duration.count(); }

 private:
  std::atomic<std::chrono::nanoseconds::rep> now_;
};

}  // namespace test
