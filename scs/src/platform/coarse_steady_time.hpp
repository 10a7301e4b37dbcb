#pragma once

#include <chrono>

namespace scs::platform {

/// Returns the time of std::chrono::steady_clock, as fast as the system can. It may be late by some
/// milliseconds.
std::chrono::nanoseconds coarse_steady_time() noexcept;

}  // namespace scs::platform
