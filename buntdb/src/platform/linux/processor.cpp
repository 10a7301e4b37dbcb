#include "platform/processor.hpp"

#include <ctime>

#include <sched.h>

#include "platform/coarse_clock.hpp"

namespace buntdb::platform {

const clockid_t coarse_clock = CLOCK_REALTIME_COARSE;

std::int64_t thread_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool has_one_processor() noexcept {
  cpu_set_t usable;
  return ::sched_getaffinity(0, sizeof usable, &usable) == 0 && CPU_COUNT(&usable) == 1;
}

}  // namespace buntdb::platform
