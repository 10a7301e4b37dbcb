#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <buntdb/rect.hpp>

namespace buntdb::spatial {

/// A rectangle on its way into a tree or out of a node, with the addresses of the entries below as
/// one more dimension: what tells apart any number of equal rectangles. Only as many coordinates
/// count as the tree has dimensions.
struct box {
  std::array<double, rect::max_dimensions> min;
  std::array<double, rect::max_dimensions> max;
  std::uint64_t low;
  std::uint64_t high;

  // Left as they are: most coordinates of most boxes are never used.
  // NOLINTNEXTLINE(modernize-use-equals-default)
  box() noexcept {}
  box(const rect& rect, const void* entry) noexcept
      : low(reinterpret_cast<std::uintptr_t>(entry)), high(low) {
    std::copy_n(rect.min().data(), rect.dimensions(), min.data());
    std::copy_n(rect.max().data(), rect.dimensions(), max.data());
  }

  bool is_point(unsigned dimensions) const noexcept {
    return std::equal(min.data(), min.data() + dimensions, max.data());
  }

  void extend(const box& other, unsigned dimensions) noexcept {
    for (unsigned d = 0; d < dimensions; ++d) {
      min[d] = std::min(min[d], other.min[d]);
      max[d] = std::max(max[d], other.max[d]);
    }
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }

  bool equals(const box& other, unsigned dimensions) const noexcept {
    return low == other.low && high == other.high &&
           std::equal(min.data(), min.data() + dimensions, other.min.data()) &&
           std::equal(max.data(), max.data() + dimensions, other.max.data());
  }
};

/// How far up b is from a, if at all: no NaN for equal infinities.
inline double distance_up(double a, double b) noexcept {
  const double distance = b - a;
  return distance > 0 ? distance : 0;
}

}  // namespace buntdb::spatial
