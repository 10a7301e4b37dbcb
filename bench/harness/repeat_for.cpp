#include "harness/repeat_for.hpp"

#include <atomic>
#include <barrier>
#include <exception>
#include <thread>

namespace bench {

repeated repeat_for(std::chrono::duration<double> time, const std::vector<operation>& operations) {
  struct alignas(64) shift {
    std::size_t count = 0;
    double cpu_ns = 0;
    std::exception_ptr failure;
  };
  std::vector<shift> shifts(operations.size());
  std::atomic<bool> over = false;
  std::barrier begin(static_cast<std::ptrdiff_t>(operations.size()) + 1);
  std::vector<std::jthread> crew;
  for (std::size_t thread = 0; thread < operations.size(); ++thread) {
    crew.emplace_back([&, thread] {
      shift& own = shifts[thread];
      const operation& operate = operations[thread];
      const auto guarded = [&own](const auto& work) {
        try {
          work();
        } catch (...) {
          own.failure = std::current_exception();
        }
      };
      guarded([&] { operate(0); });
      begin.arrive_and_wait();
      if (own.failure) return;
      const double cpu = thread_cpu_ns();
      guarded([&] {
        for (; !over.load(std::memory_order_relaxed); ++own.count)
          operate(own.count);
      });
      own.cpu_ns = thread_cpu_ns() - cpu;
    });
  }
  begin.arrive_and_wait();
  const auto start = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(time);
  over = true;
  for (std::jthread& each : crew)
    each.join();
  const double wall_ns = ns_between(start, std::chrono::steady_clock::now());
  repeated all;
  double cpu_ns = 0;
  for (const shift& each : shifts) {
    if (each.failure) std::rethrow_exception(each.failure);
    all.count += each.count;
    cpu_ns += each.cpu_ns;
  }
  const auto count = static_cast<double>(all.count);
  all.each = {.wall_ns = wall_ns / count, .cpu_ns = cpu_ns / count};
  return all;
}

}  // namespace bench
