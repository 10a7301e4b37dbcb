#include <cstddef>
#include <new>

#include <buntdb/clock.hpp>

namespace buntdb {

namespace {

class system_clock final : public clock {
 public:
  time_point now() const noexcept override {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace

const clock& clock::system() noexcept {
  // Never destroyed: threads of a database in a global object use it until the very end.
  alignas(system_clock) static std::byte room[sizeof(system_clock)];
  static const system_clock& instance = *::new (room) system_clock;
  return instance;
}

}  // namespace buntdb
