#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <scs/clock.hpp>

namespace scs::stores::postgres_detail {

/// The time by which records expire: the database's, so that a web server whose clock is wrong
/// neither sees nor ends other sessions than the others do. It is learned when a connection is
/// made or checked, and followed by the steady clock in between. Any number of threads.
class database_clock {
 public:
  /// A clock that the user gives is the only one; null: the database's.
  explicit database_clock(const scs::clock* given) noexcept : given_(given) {}

  bool is_given() const noexcept { return given_ != nullptr; }
  bool is_known() const noexcept { return is_given() || offset_.load() != unknown; }

  /// The database's time was this at that moment.
  void learn(time_point theirs, std::chrono::steady_clock::time_point at) noexcept {
    offset_ = std::chrono::nanoseconds{theirs.time_since_epoch() - at.time_since_epoch()}.count();
  }

  /// If it is known.
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
