#include "harness/settle.hpp"

#include <chrono>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <unistd.h>

namespace bench {

namespace {

double cpu_of(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double cpu_of_all() {
  double sum = cpu_of(CLOCK_PROCESS_CPUTIME_ID);
  std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (int child = 0; children >> child;) {
    clockid_t clock{};
    if (clock_getcpuclockid(child, &clock) == 0) sum += cpu_of(clock);
  }
  return sum;
}

}  // namespace

void settle() {
  using namespace std::chrono_literals;
  constexpr auto look = 4ms;
  constexpr double still = 0.05 * 4e6;  // a twentieth of a core
  const auto deadline = std::chrono::steady_clock::now() + 3s;
  double before = cpu_of_all();
  while (std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(look);
    const double now = cpu_of_all();
    if (now - before < still) return;
    before = now;
  }
}

}  // namespace bench
