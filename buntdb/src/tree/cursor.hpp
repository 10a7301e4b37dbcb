#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "memory/prefetch.hpp"
#include "tree/node.hpp"
#include "tree/search.hpp"

namespace buntdb::engine {

/// A position in one version of a tree: the path from the root to an entry. Cheap to copy. Valid as
/// long as the nodes are.
class cursor {
 public:
  bool at_end() const noexcept { return depth_ == 0; }
  void* entry() const noexcept {
    const step& leaf = steps_[depth_ - 1];
    return leaf.at->entries()[leaf.index];
  }

  /// Returns the entry this many positions ahead in the leaf (or back, if negative), or null if the
  /// leaf has none there. For prefetching what it points to.
  const void* entry_nearby(int places) const noexcept {
    if (at_end()) return nullptr;
    const step& leaf = steps_[depth_ - 1];
    const int index = static_cast<int>(leaf.index) + places;
    return index >= 0 && index < leaf.at->count ? leaf.at->entries()[index] : nullptr;
  }

  void seek_first(const node* root) noexcept {
    depth_ = 0;
    if (root != nullptr) descend_first(root);
  }

  void seek_last(const node* root) noexcept {
    depth_ = 0;
    if (root != nullptr) descend_last(root);
  }

  /// Moves to the entry that equals the probe. If there is none, returns false, and the cursor is
  /// at the end.
  template <tree_order Order>
  bool seek(const node* root, typename Order::probe probe) {
    if (descend_to<Order>(root, probe) && exact_) return true;
    depth_ = 0;
    return false;
  }

  /// Moves to the first entry that is not less than the probe, or, if after_equal, greater than it.
  template <tree_order Order>
  void seek_from(const node* root, typename Order::probe probe, bool after_equal) {
    if (!descend_to<Order>(root, probe)) return;
    enter_leaf<forward>();
    step& leaf = steps_[depth_ - 1];
    if (exact_ && after_equal) ++leaf.index;
    if (leaf.index == leaf.at->count) {
      --leaf.index;
      next();
    }
  }

  /// Moves to the last entry that is not greater than the probe, or, if before_equal, less than it.
  template <tree_order Order>
  void seek_back_from(const node* root, typename Order::probe probe, bool before_equal) {
    if (!descend_to<Order>(root, probe)) return;
    enter_leaf<backward>();
    if (!exact_ || before_equal) previous();
  }

  void next() noexcept {
    assert(!at_end());
    while (depth_ != 0) {
      step& top = steps_[depth_ - 1];
      if (++top.index < top.at->count) {
        if (top.at->level != 0) {
          descend_first(top.at->children()[top.index]);
        } else {
          prefetch_ahead<forward>(top.at->count - 1U - top.index);
        }
        return;
      }
      --depth_;
    }
  }

  /// Moves to the first entry after this leaf.
  void leave_leaf() noexcept {
    assert(!at_end());
    step& leaf = steps_[depth_ - 1];
    leaf.index = leaf.at->count - 1U;
    next();
  }

  void previous() noexcept {
    assert(!at_end());
    while (depth_ != 0) {
      step& top = steps_[depth_ - 1];
      if (top.index-- != 0) {
        if (top.at->level != 0) {
          descend_last(top.at->children()[top.index]);
        } else {
          prefetch_ahead<backward>(top.index);
        }
        return;
      }
      --depth_;
    }
  }

  struct step {
    const node* at;
    unsigned index;
  };
  /// Returns the path from the root to the entry: the child taken in each node, and the index in
  /// the leaf.
  std::span<const step> path() const noexcept { return {steps_.data(), depth_}; }

 private:
  void descend_first(const node* from) noexcept {
    for (;; from = from->children()[0]) {
      steps_[depth_++] = {from, 0};
      if (from->level == 0) break;
    }
    enter_leaf<forward>();
  }

  void descend_last(const node* from) noexcept {
    for (;; from = from->children()[from->count - 1]) {
      steps_[depth_++] = {from, from->count - 1U};
      if (from->level == 0) break;
    }
    enter_leaf<backward>();
  }

  // When leaves are walked, every entry and every leaf is a cache miss. So entries are prefetched
  // this far ahead, including those of the following leaf, and the slots that point to them are
  // prefetched further ahead.
  static constexpr int prefetch_distance = 12;
  static constexpr int slots_distance = 16;
  static constexpr int slots_in_line = 8;

  static constexpr int forward = 1;
  static constexpr int backward = -1;

  /// Prefetches the cache lines of an entry that decide whether it is wanted and that are usually
  /// read next. For an item, these are everything except its links, and the beginning of its value
  /// after a short key.
  static void prefetch_entry(const void* entry) noexcept {
    prefetch(static_cast<const char*>(entry) + 16);
    prefetch(static_cast<const char*>(entry) + 80);
  }

  /// Prefetches the cache line with the slot this many positions away from another one. It need not
  /// be in the leaf.
  static void prefetch_slot(void* const* from, int places) noexcept {
    const auto at = reinterpret_cast<std::intptr_t>(from);
    prefetch(reinterpret_cast<const void*>(at + places * std::intptr_t{sizeof(void*)}));
  }

  /// Called after a jump into a leaf (a seek, or a step from another leaf): prefetches the entries
  /// that come first and the header of the following leaf.
  template <int Towards>
  void enter_leaf() noexcept {
    const step& leaf = steps_[depth_ - 1];
    const int count = leaf.at->count;
    const int place = std::min<int>(static_cast<int>(leaf.index), count - 1);
    const int first = std::max(0, Towards == forward ? place : place - prefetch_distance);
    const int last = std::min(count - 1, Towards == forward ? place + prefetch_distance : place);
    for (int i = first; i <= last; ++i)
      prefetch_entry(leaf.at->entries()[i]);
    following_ = nullptr;
    if (depth_ == 1) return;
    const step& parent = steps_[depth_ - 2];
    const unsigned index = parent.index + static_cast<unsigned>(Towards);
    // An index below 0 has wrapped around, so it is also too large.
    if (index >= parent.at->count) return;
    following_ = parent.at->children()[index];
    prefetch(following_);
  }

  /// Prefetches the entry at the prefetch distance, and slots further ahead. `left_in_leaf` is how
  /// many entries are left in this leaf.
  template <int Towards>
  void prefetch_ahead(unsigned left_in_leaf) const noexcept {
    const step& leaf = steps_[depth_ - 1];
    const int left = static_cast<int>(left_in_leaf);
    void* const* here = leaf.at->entries() + leaf.index;
    if (left >= prefetch_distance) {
      constexpr std::ptrdiff_t coming = Towards * std::ptrdiff_t{prefetch_distance};
      prefetch_entry(here[coming]);
      prefetch_slot(here, (prefetch_distance + slots_distance) * Towards);
      // The header of the following leaf has arrived by now; it says where the slots are.
      if (left == 2 * prefetch_distance && following_ != nullptr) {
        void* const* first = slot<Towards>(*following_, 0);
        for (int i = 0; i <= slots_distance; i += slots_in_line)
          prefetch_slot(first, i * Towards);
      }
    } else if (following_ != nullptr) {
      const int place = prefetch_distance - 1 - left;
      if (place >= following_->count) return;
      void* const* coming = slot<Towards>(*following_, place);
      prefetch_entry(*coming);
      prefetch_slot(coming, slots_distance * Towards);
    }
  }

  /// Returns a leaf's slot at this place, counted from the end at which the cursor enters the leaf.
  template <int Towards>
  static void* const* slot(const node& leaf, int place) noexcept {
    return leaf.entries() + (Towards == forward ? place : leaf.count - 1 - place);
  }

  /// Moves to the position in a leaf at which the probe is or would be (at most one after the
  /// leaf's last entry). Returns false if the tree is empty.
  template <tree_order Order>
  bool descend_to(const node* root, typename Order::probe probe) {
    depth_ = 0;
    following_ = nullptr;  // it may be in another tree
    if (root == nullptr) return false;
    const std::uint64_t prefix = Order::prefix_of(probe);
    for (const node* at = root;; at = at->children()[steps_[depth_ - 1].index]) {
      const node_position position = search<Order>(*at, probe, prefix);
      exact_ = position.exact;
      steps_[depth_++] = {at, at->level == 0 ? position.index : child_index(position)};
      if (at->level == 0) return true;
      prefetch_leaf(at->children()[steps_[depth_ - 1].index]);
    }
  }

  std::array<step, node::max_depth> steps_;
  const node* following_ = nullptr;  // the next leaf in the direction of the walk
  unsigned depth_ = 0;
  bool exact_ = false;
};

}  // namespace buntdb::engine
