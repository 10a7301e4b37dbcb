#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace bench {

/// A random path through all cache lines of a block of memory, in which each line names the next
/// one: nothing can be prefetched, so a step costs a cache miss and a TLB miss.
class dependent_loads {
 public:
  enum class pages { small, huge };  ///< huge: as the engine requests them

  explicit dependent_loads(std::size_t bytes, pages wanted = pages::small)
      : memory_(allocate(bytes, wanted)), lines_(static_cast<line*>(memory_.get())) {
    // Sattolo's shuffle makes one cycle of all lines.
    std::vector<std::uint32_t> order(bytes / sizeof(line));
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

  struct freer {
    void operator()(void* memory) const noexcept { std::free(memory); }
  };
  static void* allocate(std::size_t bytes, pages wanted) {
    constexpr std::size_t huge = std::size_t{2} << 20U;
    const std::size_t size = (bytes / huge + 1) * huge;
    void* memory = std::aligned_alloc(huge, size);
    if (memory == nullptr) throw std::bad_alloc();
    madvise(memory, size, wanted == pages::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    return memory;
  }

  std::unique_ptr<void, freer> memory_;
  line* lines_;
  std::uint32_t at_ = 0;
};

}  // namespace bench
