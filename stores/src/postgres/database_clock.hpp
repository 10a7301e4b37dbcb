#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <scs/clock.hpp>

namespace scs::stores::postgres_detail {

/// The time by which records expire. It is the database's time, so that a web server with a wrong
/// clock neither sees nor ends other sessions than the other servers do. It is read when a
/// connection is made or checked. In between, the steady clock is used to compute it. Any number of
/// threads may call any function.
class database_clock {
 public:
  /// If the user provides a clock, it is the only one. Null: the database's time.
  explicit database_clock(const scs::clock* given) noexcept : given_(given) {}

  bool is_given() const noexcept { return given_ != nullptr; }
  bool is_known() const noexcept { return is_given() || offset_.load() != unknown; }

  /// Stores that the database's time was `theirs` at the moment `at`.
  void learn(time_point theirs, std::chrono::steady_clock::time_point at) noexcept {
    offset_ = std::chrono::nanoseconds{theirs.time_since_epoch() - at.time_since_epoch()}.count();
  }

  /// Requires that the time is known.
  time_point now() const noexcept {
    if (is_given()) return given_->now();
    return time_point{std::chrono::steady_clock::now().time_since_epoch() +
                      std::chrono::nanoseconds{offset_.load()}};
  }

 private:
  static constexpr std::int64_t unknown = INT64_MIN;

  const scs::clock* const given_;
  std::atomic<std::int64_t> offset_ = unknown;
};

}  // namespace scs::stores::postgres_detail
