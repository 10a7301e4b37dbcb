#include "platform/processor.hpp"

#include <ctime>

#include <unistd.h>

#include "platform/coarse_clock.hpp"

namespace buntdb::platform {

// There is no coarse clock. This one needs no system call.
const clockid_t coarse_clock = CLOCK_REALTIME;

std::int64_t thread_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Threads cannot be bound to processors.
bool has_one_processor() noexcept {
  return ::sysconf(_SC_NPROCESSORS_ONLN) == 1;
}

}  // namespace buntdb::platform
