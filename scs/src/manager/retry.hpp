#pragma once

#include <chrono>
#include <optional>

#include "manager/manager_core.hpp"

namespace scs::detail {

/// The pauses between the attempts of one commit that has conflicts. The first pause is zero, and
/// later ones are longer. Their lengths are random, so that commits that conflicted do not conflict
/// again.
class retry {
 public:
  explicit retry(const manager_core& core) noexcept : core_(core) {}

  /// Throws scs::error (store_timeout) when the store's timeout has passed, by the sum of the
  /// pauses or by real time.
  void wait();

 private:
  const manager_core& core_;
  std::optional<std::chrono::steady_clock::time_point> begun_{};  // time of the first wait()
  std::chrono::nanoseconds slept_{0};
  std::chrono::nanoseconds longest_{0};
};

}  // namespace scs::detail
