#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <utility>

namespace bench {

/// How long a piece of work took. On a busy machine the thread sometimes waits for a core: then the
/// processor time is less than the wall time, and the figure is noise.
struct timing {
  double wall_ns = 0;
  double cpu_ns = 0;
};

inline double thread_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

inline double ns_between(std::chrono::steady_clock::time_point from,
                         std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

template <class Work>
timing time_of(Work&& work) {
  const double cpu = thread_cpu_ns();
  const auto start = std::chrono::steady_clock::now();
  std::forward<Work>(work)();
  const auto end = std::chrono::steady_clock::now();
  return {ns_between(start, end), thread_cpu_ns() - cpu};
}

/// Makes the compiler assume that the value is used.
inline void consume(std::uint64_t value) {
  asm volatile("" : : "r"(value) : "memory");
}

}  // namespace bench
