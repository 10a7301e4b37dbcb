#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace bench {

/// One random way through all cache lines of a piece of memory, each naming the next: nothing can
/// be fetched before its time, so a step is what a cache and a TLB miss cost.
class dependent_loads {
 public:
  explicit dependent_loads(std::size_t bytes) : lines_(bytes / sizeof(line)) {
    // Sattolo's shuffle makes one cycle of all.
    std::vector<std::uint32_t> order(lines_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::mt19937_64 random(7);
    for (std::size_t i = order.size() - 1; i > 0; --i)
      std::swap(order[i], order[random() % i]);
    for (std::size_t i = 0; i < order.size(); ++i)
      lines_[i].next = order[i];
  }

  std::uint64_t walk(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i)
      at_ = lines_[at_].next;
    return at_;
  }

 private:
  struct alignas(64) line {
    std::uint32_t next = 0;
  };

  std::vector<line> lines_;
  std::uint32_t at_ = 0;
};

}  // namespace bench
