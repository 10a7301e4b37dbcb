#include "spatial/rtree_split.hpp"

#include <algorithm>
#include <array>
#include <bit>
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
using cost_list = std::array<double, rtree_node::max_count>;

/// One divided by how far finite coordinates extend; 0 for dimensions in which all are the same.
double scale_of(double extent, const double* mins, const double* maxs, unsigned count) noexcept {
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

void scales_of(const rtree_node& node, const box& around, scale_list& out) noexcept {
  for (unsigned d = 0; d < node.dimensions; ++d) {
    out[d] = scale_of(around.max[d] - around.min[d], node.mins(d), node.maxs(d), node.count);
  }
}

double scaled(double low, double high, double scale) noexcept {
  return std::min(std::min(distance_up(low, high), 1e300) * scale, longest);
}

double length(const rtree_node& node, unsigned index, const scale_list& scales) noexcept {
  double sum = 0;
  for (unsigned d = 0; d < node.dimensions; ++d)
    sum += scaled(node.mins(d)[index], node.maxs(d)[index], scales[d]);
  return sum;
}

/// How much longer each box of the node would get. All infinite distances are alike.
void lengthening(const rtree_node& node, const scale_list& scales, const box& added,
                 cost_list& sums) noexcept {
  const unsigned count = node.count;
  for (unsigned d = 0; d < node.dimensions; ++d) {
    const double* mins = node.mins(d);
    const double* maxs = node.maxs(d);
    const double low = added.min[d];
    const double high = added.max[d];
    const double scale = scales[d];
    if (scale == 0) {  // infinity times it would be NaN
      if (d == 0) std::fill_n(sums.data(), count, 0.0);
      continue;
    }
    const auto cost = [&](unsigned i) {
      return (distance_up(low, mins[i]) + distance_up(maxs[i], high)) * scale;
    };
    if (d == 0) {
      for (unsigned i = 0; i < count; ++i)
        sums[i] = cost(i);
    } else {
      for (unsigned i = 0; i < count; ++i)
        sums[i] += cost(i);
    }
  }
}

/// The same for the hashes of entries.
std::uint64_t lengthening(const rtree_node& node, unsigned index, const box& added) noexcept {
  const hash_range hashes = node.hashes()[index];
  return std::uint64_t{added.hashes.low < hashes.low ? hashes.low - added.hashes.low : 0} +
         (added.hashes.high > hashes.high ? added.hashes.high - hashes.high : 0);
}

}  // namespace

unsigned choose_child(const rtree_node& node, const box& around, const box& added) noexcept {
  scale_list scales;
  scales_of(node, around, scales);
  cost_list costs;
  lengthening(node, scales, added, costs);
  const double least = least_of(costs.data(), node.count);
  unsigned best = 0;
  while (costs[best] != least)
    ++best;
  double best_length = -1;
  for (unsigned i = best + 1; i < node.count; ++i) {
    if (costs[i] != least) continue;
    if (best_length < 0) best_length = length(node, best, scales);
    const double its_length = length(node, i, scales);
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
  cost_list costs;
  lengthening(node, scales, joining, costs);
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

namespace {

/// The entries of a full node and one more, dimension by dimension, and the best cut through them.
class overfull_node {
 public:
  overfull_node(const rtree_node& node, const box& around, const box& added, void* slot) noexcept
      : dimensions_(node.dimensions), points_(node.points) {
    for (unsigned d = 0; d < dimensions_; ++d) {
      std::copy_n(node.mins(d), total - 1, mins_[d].data());
      std::copy_n(node.maxs(d), total - 1, maxs_[d].data());
      mins_[d][total - 1] = added.min[d];
      maxs_[d][total - 1] = added.max[d];
      scales_[d] = scale_of(around.max[d] - around.min[d], mins_[d].data(), maxs_[d].data(), total);
    }
    for (unsigned i = 0; i + 1 < total; ++i) {
      slots_[i] = node.slot(i);
      hashes_[i] = node.hashes_of(i);
    }
    slots_[total - 1] = slot;
    hashes_[total - 1] = added.hashes;
  }

  /// The dimension whose cuts make the shortest halves, then, of all cuts in it, the one whose
  /// halves share the least; then the one with the shortest.
  void choose_cut() noexcept {
    double best_sum = 0;
    for (unsigned d = 0; d < dimensions_; ++d) {
      cut_list cuts = cuts_by(order_by(mins_[d], maxs_[d]));
      double sum = cuts.sum();
      if (!points_) {
        const cut_list by_max = cuts_by(order_by(maxs_[d], mins_[d]));
        sum = (sum + by_max.sum()) / 2;
        if (by_max.better_than(cuts)) cuts = by_max;
      }
      if (d != 0 && sum >= best_sum) continue;
      best_sum = sum;
      best_ = cuts;
    }
  }

  unsigned left_count() const noexcept { return smallest + best_.best; }

  /// The entries from the first-th on in the order of the cut, into an empty node.
  void fill(rtree_node& node, unsigned first, unsigned count) const noexcept {
    const std::uint8_t* const order = best_.order.data() + first;
    for (unsigned d = 0; d < dimensions_; ++d) {
      for (unsigned i = 0; i < count; ++i)
        node.mins(d)[i] = mins_[d][order[i]];
      if (node.points) continue;
      for (unsigned i = 0; i < count; ++i)
        node.maxs(d)[i] = maxs_[d][order[i]];
    }
    for (unsigned i = 0; i < count; ++i)
      node.entries()[i] = slots_[order[i]];
    for (unsigned i = 0; node.level != 0 && i < count; ++i)
      node.hashes()[i] = hashes_[order[i]];
    node.count = static_cast<std::uint16_t>(count);
  }

  static constexpr unsigned total = rtree_node::max_count + 1;

 private:
  // Less than half lets a cut fall where boxes part; what has to fit into the other half is in
  // split_capacity.
  static constexpr unsigned smallest = total - split_capacity;
  static constexpr unsigned cut_count = total - 2 * smallest + 1;

  using row = std::array<double, total>;
  using box_order = std::array<std::uint8_t, total>;

  /// The cuts through an order: cut i has smallest + i entries on its left.
  struct cut_list {
    box_order order;
    std::array<double, cut_count> lengths{};
    std::array<double, cut_count> overlaps{};
    unsigned best = 0;

    double sum() const noexcept { return std::accumulate(lengths.begin(), lengths.end(), 0.0); }
    bool better_than(const cut_list& other) const noexcept {
      return overlaps[best] < other.overlaps[other.best] ||
             (overlaps[best] == other.overlaps[other.best] &&
              lengths[best] < other.lengths[other.best]);
    }
    void choose() noexcept {
      constexpr unsigned middle = (cut_count - 1) / 2;
      for (unsigned i = 0; i < cut_count; ++i) {
        // From the middle outwards, so that equal cuts make equal halves.
        const unsigned cut = i % 2 == 0 ? middle - i / 2 : middle + (i + 1) / 2;
        if (i == 0 || overlaps[cut] < overlaps[best] ||
            (overlaps[cut] == overlaps[best] && lengths[cut] < lengths[best])) {
          best = cut;
        }
      }
    }
  };

  /// By one side, then by the other, then by hashes.
  box_order order_by(const row& side, const row& other) const noexcept {
    box_order order;
    std::uint64_t taken = 0;
    for (unsigned i = 0; i < total; ++i) {
      std::int64_t rank = 0;
      for (unsigned j = 0; j < total; ++j)
        rank += side[j] < side[i] ? 1 : 0;
      order[static_cast<unsigned>(rank)] = static_cast<std::uint8_t>(i);
      taken |= std::uint64_t{1} << static_cast<unsigned>(rank);
    }
    if (std::popcount(taken) == total) return order;
    // Some are equal.
    std::iota(order.begin(), order.end(), std::uint8_t{0});
    std::sort(order.begin(), order.end(), [&](std::uint8_t a, std::uint8_t b) {
      if (side[a] != side[b]) return side[a] < side[b];
      if (other[a] != other[b]) return other[a] < other[b];
      return hashes_[a].low < hashes_[b].low;
    });
    return order;
  }

  cut_list cuts_by(const box_order& order) const noexcept {
    cut_list cuts;
    cuts.order = order;
    cuts.overlaps.fill(1);
    for (unsigned d = 0; d < dimensions_; ++d) {
      std::array<double, cut_count> lows;  // of the left halves
      std::array<double, cut_count> highs;
      double low = infinity;
      double high = -infinity;
      for (unsigned i = 0; i < total - smallest; ++i) {
        low = std::min(low, mins_[d][order[i]]);
        high = std::max(high, maxs_[d][order[i]]);
        if (i + 1 < smallest) continue;
        lows[i + 1 - smallest] = low;
        highs[i + 1 - smallest] = high;
      }
      low = infinity;
      high = -infinity;
      for (unsigned i = total; i-- > smallest;) {
        low = std::min(low, mins_[d][order[i]]);
        high = std::max(high, maxs_[d][order[i]]);
        if (i > total - smallest) continue;
        const unsigned cut = i - smallest;
        cuts.lengths[cut] +=
            scaled(lows[cut], highs[cut], scales_[d]) + scaled(low, high, scales_[d]);
        const double shared_low = std::max(low, lows[cut]);
        const double shared_high = std::min(high, highs[cut]);
        if (shared_low > shared_high) {
          cuts.overlaps[cut] = 0;
        } else if (scales_[d] != 0) {
          cuts.overlaps[cut] *= scaled(shared_low, shared_high, scales_[d]);
        }
      }
    }
    cuts.choose();
    return cuts;
  }

  unsigned dimensions_;
  bool points_;
  // Left as they are: most dimensions are never used.
  std::array<row, rect::max_dimensions> mins_;
  std::array<row, rect::max_dimensions> maxs_;
  scale_list scales_;
  std::array<hash_range, total> hashes_;
  std::array<void*, total> slots_;
  cut_list best_;
};

}  // namespace

void split(rtree_node& left, rtree_node& right, const box& around, const box& added,
           void* slot) noexcept {
  overfull_node all(left, around, added, slot);
  all.choose_cut();
  all.fill(left, 0, all.left_count());
  all.fill(right, all.left_count(), overfull_node::total - all.left_count());
}

}  // namespace buntdb::spatial
