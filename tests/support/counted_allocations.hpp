#pragma once

#include <cstddef>

namespace test {

/// What this thread has requested from operator new. counted_allocations.cpp replaces that operator
/// in the program that contains it.
struct allocations {
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::size_t largest = 0;
};

/// Counts since the thread began, or since it last set this to {}.
extern thread_local constinit allocations allocated;

}  // namespace test
