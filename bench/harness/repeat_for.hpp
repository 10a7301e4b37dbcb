#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "harness/timing.hpp"

namespace bench {

/// What a thread does again and again: the nth time with n.
using operation = std::function<void(std::size_t)>;

/// How long one operation took, and how many there were.
struct repeated {
  /// Of the wall: the time that passed, divided by the operations of all threads. Of the processor:
  /// that of these threads, divided so, too.
  timing each;
  std::size_t count = 0;
};

/// Runs each of these on a thread of its own, all for as long as this. Before, each thread does its
/// operation once: it may have to connect. Throws what one of them threw.
repeated repeat_for(std::chrono::duration<double> time, const std::vector<operation>& operations);

}  // namespace bench
