#include "spatial/rtree_split.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "spatial/rtree_scale.hpp"

namespace buntdb::spatial {

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

  /// Chooses the dimension whose cuts make the shortest halves. Of all cuts in it, chooses the one
  /// whose halves overlap the least, and among equal ones the one with the shortest halves.
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

  /// Fills an empty node with `count` entries in the order of the cut, beginning with number
  /// `first`.
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
  // A part may have less than half of the entries, so that a cut can fall in a gap between boxes.
  // split_capacity is what the other part must hold.
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
        // From the middle outward, so that equal cuts make equal halves.
        const unsigned cut = i % 2 == 0 ? middle - i / 2 : middle + (i + 1) / 2;
        if (i == 0 || overlaps[cut] < overlaps[best] ||
            (overlaps[cut] == overlaps[best] && lengths[cut] < lengths[best])) {
          best = cut;
        }
      }
    }
  };

  /// Orders by one side, then by the other, then by hashes.
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
  // Not initialized: most dimensions are never used.
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
