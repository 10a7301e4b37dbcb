#include "platform/coarse_steady_time.hpp"

#include <ctime>

namespace scs::platform {

std::chrono::nanoseconds coarse_steady_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace scs::platform
