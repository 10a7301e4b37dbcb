#include <cstddef>
#include <ctime>
#include <new>

#include <scs/clock.hpp>

namespace scs {

namespace {

class system_clock final : public clock {
 public:
  time_point now() const noexcept override {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  }

#ifdef CLOCK_REALTIME_COARSE
  bool has_come(time_point moment) const noexcept override {
    // The same clock as it stood at the kernel's last tick: a hundredth of a second ago, or less.
    constexpr std::chrono::seconds more_than_a_tick{1};
    timespec tick{};
    if (clock_gettime(CLOCK_REALTIME_COARSE, &tick) == 0) {
      const time_point reached{std::chrono::seconds{tick.tv_sec} +
                               std::chrono::nanoseconds{tick.tv_nsec}};
      if (moment > reached + more_than_a_tick) return false;
    }
    return moment <= now();
  }
#endif
};

}  // namespace

const clock& clock::system() noexcept {
  // Never destroyed: a session manager in a global object uses it until the very end.
  alignas(system_clock) static std::byte room[sizeof(system_clock)];
  static const system_clock& instance = *::new (room) system_clock;
  return instance;
}

}  // namespace scs
