#include "spatial/rtree_choice.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "spatial/rtree_scale.hpp"

namespace buntdb::spatial {

namespace {

using cost_list = std::array<double, rtree_node::max_count>;

double length(const rtree_node& node, unsigned index, const scale_list& scales) noexcept {
  double sum = 0;
  for (unsigned d = 0; d < node.dimensions; ++d)
    sum += scaled(node.mins(d)[index], node.maxs(d)[index], scales[d]);
  return sum;
}

/// Computes how much longer each box of the node would become. All infinite distances count as
/// equal.
void lengthening(const rtree_node& node, const scale_list& scales, const box& added,
                 cost_list& sums) noexcept {
  const unsigned count = node.count;
  for (unsigned d = 0; d < node.dimensions; ++d) {
    const double* mins = node.mins(d);
    const double* maxs = node.maxs(d);
    const double low = added.min[d];
    const double high = added.max[d];
    const double scale = scales[d];
    if (scale == 0) {  // infinity times 0 would be NaN
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

/// Computes the same for the hashes of entries.
std::uint64_t lengthening(const rtree_node& node, unsigned index, const box& added) noexcept {
  const hash_range hashes = node.hashes()[index];
  return std::uint64_t{added.hashes.low < hashes.low ? hashes.low - added.hashes.low : 0} +
         (added.hashes.high > hashes.high ? added.hashes.high - hashes.high : 0);
}

/// The few boxes of a node to which something can be added at the least cost, in the order of that
/// cost.
class cheapest {
 public:
  static constexpr unsigned most = 3;

  cheapest(const cost_list& costs, unsigned count) noexcept {
    for (unsigned i = 0; i < count; ++i) {
      if (count_ == most && costs[i] >= costs[list_[most - 1]]) continue;
      unsigned place = count_ < most ? count_++ : most - 1;
      for (; place != 0 && costs[i] < costs[list_[place - 1]]; --place)
        list_[place] = list_[place - 1];
      list_[place] = i;
    }
  }
  const unsigned* begin() const noexcept { return list_.data(); }
  const unsigned* end() const noexcept { return list_.data() + count_; }

 private:
  std::array<unsigned, most> list_{};
  unsigned count_ = 0;
};

/// Returns the sum of the volumes that a box shares with each box of a node, except one.
double shared_volume(const rtree_node& node, const scale_list& scales, const box& with,
                     unsigned but_for) noexcept {
  const unsigned count = node.count;
  cost_list volumes;
  std::fill_n(volumes.data(), count, 1.0);
  for (unsigned d = 0; d < node.dimensions; ++d) {
    const double scale = scales[d];
    if (scale == 0) continue;
    const double* mins = node.mins(d);
    const double* maxs = node.maxs(d);
    const double low = with.min[d];
    const double high = with.max[d];
    for (unsigned i = 0; i < count; ++i) {
      const double from = mins[i] > low ? mins[i] : low;
      const double to = maxs[i] < high ? maxs[i] : high;
      const double side = distance_up(from, to) * scale;
      volumes[i] *= side < longest_side ? side : longest_side;
    }
  }
  volumes[but_for] = 0;
  return std::accumulate(volumes.data(), volumes.data() + count, 0.0);
}

/// Of the boxes that `added` would lengthen the least, returns the one whose overlap with its
/// neighbors grows the least: searches in the overlap of two leaves must read both.
unsigned choose_to_lengthen(const rtree_node& node, const scale_list& scales, const box& added,
                            const cost_list& costs) noexcept {
  const cheapest some(costs, node.count);
  unsigned best = *some.begin();
  double least = infinity;
  for (const unsigned i : some) {
    box it;
    node.read(i, it);
    box extended = it;
    extended.extend(added, node.dimensions);
    double more = shared_volume(node, scales, extended, i);
    if (more != 0) more -= shared_volume(node, scales, it, i);
    if (more < least) {
      least = more;
      best = i;
    }
    if (least <= 0) break;
  }
  return best;
}

/// Of the boxes that need not be lengthened, returns the smallest, and among equal ones the one
/// with the nearest hashes.
unsigned choose_container(const rtree_node& node, const scale_list& scales, const box& added,
                          const cost_list& costs) noexcept {
  unsigned best = 0;
  while (costs[best] != 0)
    ++best;
  double best_length = -1;
  for (unsigned i = best + 1; i < node.count; ++i) {
    if (costs[i] != 0) continue;
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

}  // namespace

unsigned choose_child(const rtree_node& node, const box& around, const box& added) noexcept {
  scale_list scales;
  scales_of(node, around, scales);
  cost_list costs;
  lengthening(node, scales, added, costs);
  const double least = least_of(costs.data(), node.count);
  return least > 0 ? choose_to_lengthen(node, scales, added, costs)
                   : choose_container(node, scales, added, costs);
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

}  // namespace buntdb::spatial
