#include "platform/processor.hpp"

#include <ctime>

#include <unistd.h>

#include "platform/coarse_clock.hpp"

namespace buntdb::platform {

// There is no coarse clock. This one needs no system call.
const clockid_t coarse_clock = CLOCK_REALTIME;

/// Threads cannot be bound to processors.
bool has_one_processor() noexcept {
  return ::sysconf(_SC_NPROCESSORS_ONLN) == 1;
}

}  // namespace buntdb::platform
