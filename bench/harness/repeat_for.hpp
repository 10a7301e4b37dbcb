#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "harness/timing.hpp"

namespace bench {

/// What a thread does repeatedly; it is called with n the nth time.
using operation = std::function<void(std::size_t)>;

/// How long one operation took, and how many there were.
struct repeated {
  /// The wall time that passed, divided by the operations of all threads; and the processor time of
  /// these threads, divided in the same way.
  timing each;
  std::size_t count = 0;
};

/// Runs each of these operations on a separate thread, all for this long. Before that, each thread
/// does its operation once, because it may have to connect. Throws what one of them threw.
repeated repeat_for(std::chrono::duration<double> time, const std::vector<operation>& operations);

}  // namespace bench
