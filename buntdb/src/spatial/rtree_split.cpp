#include "spatial/rtree_split.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

// What the decisions in here are made by is length: a box's sides added up, each as a part of how
// far its neighbors extend in that dimension, so that no dimension outweighs the others because of
// its unit. Unlike volumes, lengths tell points and lines apart. Infinite sides count as a few
// times what is finite.

namespace buntdb::spatial {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double longest = 4;

using scale_list = std::array<double, rect::max_dimensions>;

/// One divided by how far finite coordinates extend; 0 for dimensions in which all are the same.
double scale_of(const double* mins, const double* maxs, unsigned count) noexcept {
  double low = infinity;
  double high = -infinity;
  for (const double* side : {mins, maxs}) {
    for (unsigned i = 0; i < count; ++i) {
      if (std::isinf(side[i])) continue;
      low = std::min(low, side[i]);
      high = std::max(high, side[i]);
    }
  }
  const double extent = high - low;
  return extent > 1e-300 && extent < 1e300 ? 1 / extent : 0;
}

void scales_of(const rtree_node& node, const box& around, scale_list& out) noexcept {
  for (unsigned d = 0; d < node.dimensions; ++d) {
    const double extent = around.max[d] - around.min[d];
    out[d] = extent > 1e-300 && extent < 1e300 ? 1 / extent
                                               : scale_of(node.mins(d), node.maxs(d), node.count);
  }
}

double length(const box& box, const scale_list& scales, unsigned dimensions) noexcept {
  double sum = 0;
  for (unsigned d = 0; d < dimensions; ++d)
    sum += std::min(std::min(distance_up(box.min[d], box.max[d]), 1e300) * scales[d], longest);
  return sum;
}

/// How much of their common volume two boxes share.
double overlap(const box& a, const box& b, const scale_list& scales, unsigned dimensions) noexcept {
  double product = 1;
  for (unsigned d = 0; d < dimensions; ++d) {
    const double low = std::max(a.min[d], b.min[d]);
    const double high = std::min(a.max[d], b.max[d]);
    if (low > high) return 0;
    if (scales[d] != 0) {
      product *= std::min(std::min(distance_up(low, high), 1e300) * scales[d], longest);
    }
  }
  return product;
}

/// How much longer each box of the node would get. All infinite distances are alike.
std::array<double, rtree_node::max_count> lengthening(const rtree_node& node,
                                                      const scale_list& scales,
                                                      const box& added) noexcept {
  std::array<double, rtree_node::max_count> sums{};
  for (unsigned d = 0; d < node.dimensions; ++d) {
    const double* mins = node.mins(d);
    const double* maxs = node.maxs(d);
    const double low = added.min[d];
    const double high = added.max[d];
    const double scale = scales[d];
    if (scale == 0) continue;
    for (unsigned i = 0; i < node.count; ++i) {
      const double distance = distance_up(low, mins[i]) + distance_up(maxs[i], high);
      sums[i] += distance * scale;
    }
  }
  return sums;
}

std::uint64_t lengthening(const rtree_node& node, unsigned index, const box& added) noexcept {
  const std::uint64_t low = node.lows()[index];
  const std::uint64_t high = node.highs()[index];
  return (added.low < low ? low - added.low : 0) + (added.high > high ? added.high - high : 0);
}

}  // namespace

unsigned choose_child(const rtree_node& node, const box& around, const box& added) noexcept {
  const unsigned dimensions = node.dimensions;
  scale_list scales;
  scales_of(node, around, scales);
  const auto costs = lengthening(node, scales, added);
  const double* const least = std::min_element(costs.data(), costs.data() + node.count);
  auto best = static_cast<unsigned>(least - costs.data());
  double best_length = -1;
  for (unsigned i = best + 1; i < node.count; ++i) {
    if (costs[i] != *least) continue;
    box candidate;
    if (best_length < 0) {
      node.read(best, candidate);
      best_length = length(candidate, scales, dimensions);
    }
    node.read(i, candidate);
    const double its_length = length(candidate, scales, dimensions);
    if (its_length < best_length ||
        (its_length == best_length &&
         lengthening(node, i, added) < lengthening(node, best, added))) {
      best = i;
      best_length = its_length;
    }
  }
  return best;
}

unsigned choose_sibling(const rtree_node& node, unsigned index, unsigned max_count) noexcept {
  box around;
  node.cover(around);
  scale_list scales;
  scales_of(node, around, scales);
  box joining;
  node.read(index, joining);
  const auto costs = lengthening(node, scales, joining);
  unsigned best = index;
  for (unsigned i = 0; i < node.count; ++i) {
    if (i == index || node.children()[i]->count > max_count) continue;
    if (best == index || costs[i] < costs[best] ||
        (costs[i] == costs[best] &&
         lengthening(node, i, joining) < lengthening(node, best, joining))) {
      best = i;
    }
  }
  return best;
}

void split(rtree_node& left, rtree_node& right, const box& added, void* slot) noexcept {
  constexpr unsigned total = rtree_node::max_count + 1;
  constexpr unsigned smallest = total * 2 / 5;
  const unsigned dimensions = left.dimensions;
  std::array<box, total> boxes;
  std::array<void*, total> slots;
  for (unsigned i = 0; i + 1 < total; ++i) {
    left.read(i, boxes[i]);
    slots[i] = left.slot(i);
  }
  boxes[total - 1] = added;
  slots[total - 1] = slot;

  scale_list scales;
  for (unsigned d = 0; d < dimensions; ++d) {
    std::array<double, total> mins;
    std::array<double, total> maxs;
    for (unsigned i = 0; i < total; ++i) {
      mins[i] = boxes[i].min[d];
      maxs[i] = boxes[i].max[d];
    }
    scales[d] = scale_of(mins.data(), maxs.data(), total);
  }

  using box_order = std::array<std::uint8_t, total>;
  box_order best_order{};
  double best_lengths = infinity;
  // What is left and right of each cut through the order last looked at, and the best one.
  std::array<box, total> before;
  std::array<box, total> behind;
  const auto look_at = [&](const box_order& by) {
    before[0] = boxes[by[0]];
    behind[total - 1] = boxes[by[total - 1]];
    for (unsigned i = 1; i < total; ++i) {
      before[i] = before[i - 1];
      before[i].extend(boxes[by[i]], dimensions);
      behind[total - 1 - i] = behind[total - i];
      behind[total - 1 - i].extend(boxes[by[total - 1 - i]], dimensions);
    }
  };
  for (unsigned d = 0; d < dimensions; ++d) {
    box_order by;
    std::iota(by.begin(), by.end(), std::uint8_t{0});
    std::sort(by.begin(), by.end(), [&](std::uint8_t i, std::uint8_t j) {
      const box& a = boxes[i];
      const box& b = boxes[j];
      if (a.min[d] != b.min[d]) return a.min[d] < b.min[d];
      if (a.max[d] != b.max[d]) return a.max[d] < b.max[d];
      return a.low < b.low;
    });
    look_at(by);
    double lengths = 0;
    for (unsigned cut = smallest; cut <= total - smallest; ++cut) {
      lengths +=
          length(before[cut - 1], scales, dimensions) + length(behind[cut], scales, dimensions);
    }
    if (d == 0 || lengths < best_lengths) {
      best_lengths = lengths;
      best_order = by;
    }
  }

  if (dimensions > 1) look_at(best_order);
  unsigned best_cut = 0;
  double best_overlap = 0;
  double best_length = 0;
  for (unsigned i = 0; i <= total - 2 * smallest; ++i) {
    // From the middle outwards, so that equal cuts make equal halves.
    const unsigned cut = i % 2 == 0 ? total / 2 - i / 2 : total / 2 + (i + 1) / 2;
    const double shared = overlap(before[cut - 1], behind[cut], scales, dimensions);
    const double lengths =
        length(before[cut - 1], scales, dimensions) + length(behind[cut], scales, dimensions);
    if (i == 0 || shared < best_overlap || (shared == best_overlap && lengths < best_length)) {
      best_cut = cut;
      best_overlap = shared;
      best_length = lengths;
    }
  }

  left.count = 0;
  for (unsigned i = 0; i < total; ++i) {
    rtree_node& half = i < best_cut ? left : right;
    half.append(boxes[best_order[i]], slots[best_order[i]]);
  }
}

}  // namespace buntdb::spatial
