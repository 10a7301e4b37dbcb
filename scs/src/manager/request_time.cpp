#include <algorithm>

#include <scs/store/request_time.hpp>

namespace scs {

namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr int parts = 20;

// Values instead of pointers: if a thread alternates between requests, as fibers do, the worst case
// is that one request is charged the time of another.
struct time_of_request {
  bool counts = false;
  nanoseconds spent{0};
};

time_of_request& current() noexcept {
  thread_local time_of_request instance;
  return instance;
}

}  // namespace

timed_call::timed_call(nanoseconds timeout) noexcept
    : timeout_(timeout),
      begun_(steady_clock::now()),
      deadline_(begun_ + (current().counts ? std::max(timeout - current().spent, timeout / parts)
                                           : timeout)) {}

timed_call::~timed_call() {
  if (!current().counts) return;
  const auto taken = steady_clock::now() - begun_;
  if (taken >= timeout_ / parts) current().spent += taken;
}

request_time_scope::request_time_scope(nanoseconds& spent) noexcept
    : spent_(spent), is_outer_(!current().counts) {
  if (is_outer_) current() = {.counts = true, .spent = spent};
}

request_time_scope::~request_time_scope() {
  if (!is_outer_) return;
  spent_ = current().spent;
  current() = {};
}

}  // namespace scs
