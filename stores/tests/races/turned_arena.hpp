#pragma once

#include <chrono>

#include "arena.hpp"
#include "session_clock.hpp"

namespace races {

/// An arena whose store goes by the clock of the race.
class turned_arena : public arena {
 public:
  const scs::clock& clock() const override { return clock_; }
  bool turn_clock(std::chrono::nanoseconds duration) override {
    clock_.advance(duration);
    return true;
  }

 protected:
  test::session_clock clock_;
};

}  // namespace races
