#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>

namespace races {

/// Numbers that a seed determines, the same on every machine. The algorithm is SplitMix64.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }

  /// Returns a number from 0 to limit - 1.
  unsigned below(unsigned limit) noexcept { return static_cast<unsigned>(next() >> 32U) % limit; }
  bool one_in(unsigned times) noexcept { return below(times) == 0; }
  bool percent(unsigned chance) noexcept { return below(100) < chance; }

  template <class Value>
  Value one_of(std::initializer_list<Value> choices) noexcept {
    return *std::next(choices.begin(), below(static_cast<unsigned>(choices.size())));
  }

 private:
  std::uint64_t state_;
};

}  // namespace races
