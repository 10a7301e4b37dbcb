#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <buntdb/rect.hpp>

#include "spatial/box.hpp"
#include "spatial/rtree_node.hpp"

// Where entries go and where nodes are split is decided by length: the sum of a box's sides, each
// relative to the extent of its neighbors in that dimension, so that no dimension outweighs the
// others because of its unit. Unlike volumes, lengths distinguish points and lines. Infinite sides
// count as a few times the finite extent.

namespace buntdb::spatial {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double longest_side = 4;

using scale_list = std::array<double, rect::max_dimensions>;

/// Returns 1 divided by the extent of the finite coordinates; 0 if they are all equal.
inline double scale_of(double extent, const double* mins, const double* maxs,
                       unsigned count) noexcept {
  if (extent > 1e-300 && extent < 1e300) return 1 / extent;
  double low = infinity;
  double high = -infinity;
  for (const double* side : {mins, maxs}) {
    for (unsigned i = 0; i < count; ++i) {
      if (std::isinf(side[i])) continue;
      low = std::min(low, side[i]);
      high = std::max(high, side[i]);
    }
  }
  extent = high - low;
  return extent > 1e-300 && extent < 1e300 ? 1 / extent : 0;
}

inline void scales_of(const rtree_node& node, const box& around, scale_list& out) noexcept {
  for (unsigned d = 0; d < node.dimensions; ++d) {
    out[d] = scale_of(around.max[d] - around.min[d], node.mins(d), node.maxs(d), node.count);
  }
}

inline double scaled(double low, double high, double scale) noexcept {
  return std::min(std::min(distance_up(low, high), 1e300) * scale, longest_side);
}

}  // namespace buntdb::spatial
