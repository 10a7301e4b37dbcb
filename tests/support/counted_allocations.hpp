#pragma once

#include <cstddef>

namespace test {

/// What this thread has asked operator new for. counted_allocations.cpp replaces it, in the program
/// that has this source.
struct allocations {
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::size_t largest = 0;
};

/// Since the thread began, or since it last set this to {}.
extern thread_local constinit allocations allocated;

}  // namespace test
