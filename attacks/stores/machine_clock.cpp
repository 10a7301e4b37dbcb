#include "stores/machine_clock.hpp"

#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

namespace buntdb::attacks::stores {

namespace {

thread_local const machine_clock* acting_for = nullptr;
std::atomic<const machine_clock*> of_other_threads{nullptr};

constexpr std::int64_t ns_per_second = 1'000'000'000;

int system_time(clockid_t which, timespec& time) noexcept {
  return static_cast<int>(::syscall(SYS_clock_gettime, which, &time));
}

}  // namespace

machine_clock::~machine_clock() {
  const machine_clock* self = this;
  of_other_threads.compare_exchange_strong(self, nullptr);
}

void machine_clock::adopt_other_threads() noexcept {
  of_other_threads = this;
}

machine_clock::scope::scope(const machine_clock& of) noexcept : before_(acting_for) {
  acting_for = &of;
}

machine_clock::scope::~scope() {
  acting_for = before_;
}

scs::time_point machine_clock::right_time() noexcept {
  timespec time{};
  system_time(CLOCK_REALTIME, time);
  return scs::time_point{std::chrono::seconds{time.tv_sec} +
                         std::chrono::nanoseconds{time.tv_nsec}};
}

namespace {

void set_wrong(timespec& time) noexcept {
  const machine_clock* const clock = acting_for != nullptr ? acting_for : of_other_threads.load();
  if (clock == nullptr) return;
  const std::int64_t ns = time.tv_nsec + clock->ahead_ns() % ns_per_second;
  time.tv_sec +=
      clock->ahead_ns() / ns_per_second + (ns >= ns_per_second ? 1 : 0) - (ns < 0 ? 1 : 0);
  time.tv_nsec = (ns + ns_per_second) % ns_per_second;
}

}  // namespace

}  // namespace buntdb::attacks::stores

/// Replaces the C library's function.
extern "C" int clock_gettime(clockid_t which, timespec* time) noexcept {
  const int result = buntdb::attacks::stores::system_time(which, *time);
  if (result == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
    buntdb::attacks::stores::set_wrong(*time);
  }
  return result;
}
