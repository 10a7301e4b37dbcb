#include "platform/processor.hpp"

#include <ctime>

#include <sched.h>

#include "platform/coarse_clock.hpp"

namespace buntdb::platform {

const clockid_t coarse_clock = CLOCK_REALTIME_COARSE;

bool has_one_processor() noexcept {
  cpu_set_t usable;
  return ::sched_getaffinity(0, sizeof usable, &usable) == 0 && CPU_COUNT(&usable) == 1;
}

}  // namespace buntdb::platform
