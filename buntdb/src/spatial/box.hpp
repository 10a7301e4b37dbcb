#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <buntdb/rect.hpp>

namespace buntdb::spatial {

/// The hash of an entry's address, or the range of the hashes of several entries. It is used as one
/// more dimension, which distinguishes any number of equal rectangles.
struct hash_range {
  std::uint32_t low;
  std::uint32_t high;

  static hash_range of(const void* entry) noexcept {
    const std::uint64_t mixed = reinterpret_cast<std::uintptr_t>(entry) * 0x9e3779b97f4a7c15U;
    const auto hash = static_cast<std::uint32_t>(mixed >> 32U);
    return {hash, hash};
  }

  void extend(const hash_range& other) noexcept {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
  bool contains(const hash_range& other) const noexcept {
    return low <= other.low && other.high <= high;
  }
  friend bool operator==(const hash_range&, const hash_range&) = default;
};

/// A rectangle to be stored in a tree or read from a node. Only as many coordinates are used as the
/// tree has dimensions.
struct box {
  std::array<double, rect::max_dimensions> min;
  std::array<double, rect::max_dimensions> max;
  hash_range hashes;

  // Not initialized: most coordinates of most boxes are never used.
  // NOLINTNEXTLINE(modernize-use-equals-default)
  box() noexcept {}
  box(const rect& rect, const void* entry) noexcept : hashes(hash_range::of(entry)) {
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
    hashes.extend(other.hashes);
  }

  /// Returns whether the other box, without its hashes, does not extend beyond this one.
  bool contains_sides(const box& other, unsigned dimensions) const noexcept {
    for (unsigned d = 0; d < dimensions; ++d) {
      if (other.min[d] < min[d] || max[d] < other.max[d]) return false;
    }
    return true;
  }

  /// Returns whether the other box is strictly inside this one and touches no side of it.
  bool surrounds(const box& other, unsigned dimensions) const noexcept {
    bool inside = hashes.low < other.hashes.low && other.hashes.high < hashes.high;
    for (unsigned d = 0; d < dimensions; ++d)
      inside = inside && min[d] < other.min[d] && other.max[d] < max[d];
    return inside;
  }

  bool equals(const box& other, unsigned dimensions) const noexcept {
    return hashes == other.hashes &&
           std::equal(min.data(), min.data() + dimensions, other.min.data()) &&
           std::equal(max.data(), max.data() + dimensions, other.max.data());
  }
};

/// Returns b - a if it is positive, otherwise 0. Equal infinities result in 0 and not in NaN.
inline double distance_up(double a, double b) noexcept {
  const double distance = b - a;
  return distance > 0 ? distance : 0;
}

/// Returns the least of `count` numbers. None may be NaN, and `count` must not be 0. Works in four
/// independent lanes; otherwise each comparison would wait for the one before.
inline double least_of(const double* numbers, unsigned count) noexcept {
  std::array<double, 4> least;
  least.fill(numbers[0]);
  unsigned i = 0;
  for (; i + 4 <= count; i += 4) {
    for (unsigned lane = 0; lane < 4; ++lane)
      least[lane] = numbers[i + lane] < least[lane] ? numbers[i + lane] : least[lane];
  }
  for (; i < count; ++i)
    least[0] = std::min(least[0], numbers[i]);
  return std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
}

/// Returns the greatest of `count` numbers, in the same way.
inline double greatest_of(const double* numbers, unsigned count) noexcept {
  std::array<double, 4> greatest;
  greatest.fill(numbers[0]);
  unsigned i = 0;
  for (; i + 4 <= count; i += 4) {
    for (unsigned lane = 0; lane < 4; ++lane)
      greatest[lane] = numbers[i + lane] > greatest[lane] ? numbers[i + lane] : greatest[lane];
  }
  for (; i < count; ++i)
    greatest[0] = std::max(greatest[0], numbers[i]);
  return std::max(std::max(greatest[0], greatest[1]), std::max(greatest[2], greatest[3]));
}

}  // namespace buntdb::spatial
