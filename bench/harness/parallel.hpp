#pragma once

#include <algorithm>
#include <barrier>
#include <chrono>
#include <exception>
#include <thread>
#include <vector>

#include "harness/timing.hpp"

namespace bench {

/// Starts work(0) to work(threads - 1) at the same time, each in a separate thread. Returns the
/// time from the first beginning to the last end. Throws what one of them threw.
template <class Work>
double parallel_ns(unsigned threads, Work work) {
  using clock = std::chrono::steady_clock;
  struct alignas(64) shift {
    clock::time_point start;
    clock::time_point end;
    std::exception_ptr failure;
  };
  std::vector<shift> shifts(threads);
  std::barrier gate(static_cast<std::ptrdiff_t>(threads));
  {
    std::vector<std::jthread> crew;
    for (unsigned i = 0; i < threads; ++i) {
      crew.emplace_back([&, i] {
        shift& own = shifts[i];
        gate.arrive_and_wait();
        own.start = clock::now();
        try {
          work(i);
        } catch (...) {
          own.failure = std::current_exception();
        }
        own.end = clock::now();
      });
    }
  }
  clock::time_point start = clock::time_point::max();
  clock::time_point end = clock::time_point::min();
  for (const shift& each : shifts) {
    if (each.failure) std::rethrow_exception(each.failure);
    start = std::min(start, each.start);
    end = std::max(end, each.end);
  }
  return ns_between(start, end);
}

}  // namespace bench
