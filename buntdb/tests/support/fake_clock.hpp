#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <buntdb/clock.hpp>

namespace buntdb::testing {

/// A clock that changes only when a test advances it. Begins at a whole second in 2026.
class fake_clock final : public clock {
 public:
  time_point now() const noexcept override {
    return time_point(std::chrono::nanoseconds(nanoseconds_.load()));
  }
  void advance(std::chrono::nanoseconds time) { nanoseconds_ += time.count(); }

 private:
  std::atomic<std::int64_t> nanoseconds_{1'790'000'000'000'000'000};
};

}  // namespace buntdb::testing
