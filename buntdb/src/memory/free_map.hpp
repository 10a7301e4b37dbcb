#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace buntdb::engine {

/// The free parts of a block of memory, in units of eight bytes. Adjacent parts form one run.
template <std::size_t Bytes>
class free_map {
 public:
  /// Marks a part as free. Offset and size must be multiples of eight, and within the block.
  void add(std::size_t offset, std::size_t size) noexcept {
    std::size_t unit = offset / unit_size;
    for (std::size_t left = size / unit_size; left != 0;) {
      const std::size_t first = unit % 64;
      const std::size_t count = std::min(left, 64 - first);
      words_[unit / 64] |= (~std::uint64_t{0} >> (64 - count)) << first;
      unit += count;
      left -= count;
    }
  }

  /// Calls function(offset, size) for each maximal free run, in ascending order.
  template <class Function>
  void for_each_run(Function function) const {
    for (std::size_t begin = next(0, free_units); begin < units;) {
      const std::size_t end = next(begin, used_units);
      function(begin * unit_size, (end - begin) * unit_size);
      begin = next(end, free_units);
    }
  }

 private:
  static constexpr std::size_t unit_size = 8;
  static constexpr std::size_t units = Bytes / unit_size;
  static_assert(Bytes % (unit_size * 64) == 0, "there are whole words of bits");
  static constexpr std::uint64_t free_units = 0;  // flips no bit
  static constexpr std::uint64_t used_units = ~std::uint64_t{0};

  /// Returns the first unit of a kind, from `unit` on; `units` if there is none.
  std::size_t next(std::size_t unit, std::uint64_t flip) const noexcept {
    for (; unit < units; unit = (unit / 64 + 1) * 64) {
      const std::uint64_t word = (words_[unit / 64] ^ flip) >> (unit % 64);
      if (word != 0) return unit + static_cast<std::size_t>(std::countr_zero(word));
    }
    return units;
  }

  std::array<std::uint64_t, units / 64> words_{};
};

}  // namespace buntdb::engine
