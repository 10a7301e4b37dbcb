#include "platform/coarse_steady_time.hpp"

namespace scs::platform {

/// There is no coarse clock. This one needs no system call.
std::chrono::nanoseconds coarse_steady_time() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace scs::platform
