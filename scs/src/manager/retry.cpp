#include "manager/retry.hpp"

#include <algorithm>
#include <random>

#include <scs/error.hpp>

namespace scs::detail {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds first_pause = microseconds{50};
constexpr nanoseconds longest_pause = milliseconds{10};

/// Returns a random duration between half of `longest` and all of it. It need not be hard to guess.
nanoseconds jittered(nanoseconds longest) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return nanoseconds{std::uniform_int_distribution<nanoseconds::rep>{longest.count() / 2,
                                                                     longest.count()}(random)};
}

}  // namespace

void retry::wait() {
  const nanoseconds timeout = core_.options().store_timeout;
  const auto now = std::chrono::steady_clock::now();
  if (!begun_) begun_ = now;
  if (slept_ >= timeout || now - *begun_ >= timeout) {
    throw error(errc::store_timeout,
                "other requests kept changing the session until store_timeout had passed; none of "
                "this request's changes were stored");
  }
  if (longest_ == nanoseconds{0}) {
    longest_ = first_pause;
    return;
  }
  const nanoseconds pause = jittered(longest_);
  longest_ = std::min(2 * longest_, longest_pause);
  slept_ += pause;
  core_.sleep(pause);
}

}  // namespace scs::detail
