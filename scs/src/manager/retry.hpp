#pragma once

#include <chrono>
#include <optional>

#include "manager/manager_core.hpp"

namespace scs::detail {

/// The pauses between the tries of one commit that meets others: none at first, then longer and
/// longer, each by chance so that those who met do not meet again.
class retry {
 public:
  explicit retry(const manager_core& core) noexcept : core_(core) {}

  /// Throws scs::error (store_timeout) when the store's timeout has passed, by the pauses or by
  /// real time.
  void wait();

 private:
  const manager_core& core_;
  std::optional<std::chrono::steady_clock::time_point> begun_{};  // the first wait()
  std::chrono::nanoseconds slept_{0};
  std::chrono::nanoseconds longest_{0};
};

}  // namespace scs::detail
