#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/node.hpp"

namespace buntdb::engine {

/// How a tree is ordered: what an entry is, what one searches with, and how the two compare.
template <class Order>
concept tree_order = requires(const typename Order::entry& entry, typename Order::probe probe) {
  { Order::prefix_of(probe) } -> std::same_as<std::uint64_t>;
  { Order::compare(entry, probe) } -> std::convertible_to<int>;
};

/// Where a probe stands among the entries of a node: before index, or at it.
struct node_position {
  unsigned index;
  bool exact;
};

/// The first index whose prefix is not less than the given one, without branches.
inline unsigned lower_bound(const std::uint64_t* prefixes, unsigned count,
                            std::uint64_t prefix) noexcept {
  const std::uint64_t* base = prefixes;
  while (count > 1) {
    const unsigned half = count / 2;
    base += base[half - 1] < prefix ? half : 0;
    count -= half;
  }
  return static_cast<unsigned>(base - prefixes) + (count == 1 && *base < prefix ? 1U : 0U);
}

template <tree_order Order>
node_position search(const node& node, typename Order::probe probe, std::uint64_t prefix) {
  using entry = typename Order::entry;
  const std::uint64_t* prefixes = node.prefixes();
  const unsigned count = node.count;
  unsigned low = lower_bound(prefixes, count, prefix);
  if (low == count || prefixes[low] != prefix) return {low, false};
  // Entries that share the prefix: their keys decide.
  unsigned high = low + 1;
  while (high < count && prefixes[high] == prefix)
    ++high;
  while (low < high) {
    const unsigned middle = low + (high - low) / 2;
    const int order = Order::compare(*static_cast<const entry*>(node.entries()[middle]), probe);
    if (order == 0) return {middle, true};
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {low, false};
}

/// The child of an inner node under which the probe belongs.
inline unsigned child_index(node_position position) noexcept {
  return position.exact || position.index == 0 ? position.index : position.index - 1;
}

/// Asks for all that a search in a leaf may read at once, instead of line by line as it halves: the
/// prefixes, and the entries behind them.
inline void prefetch_leaf(const node* at) noexcept {
  constexpr unsigned line = 64;
  for (unsigned offset = 0; offset < sizeof(node) + node::max_count * std::size_t{16};
       offset += line) {
    __builtin_prefetch(reinterpret_cast<const char*>(at) + offset);
  }
}

/// A place in one version of a tree: the way from the root to an entry. Cheap to copy; valid as
/// long as the nodes are.
class cursor {
 public:
  bool at_end() const noexcept { return depth_ == 0; }
  void* entry() const noexcept {
    const step& leaf = steps_[depth_ - 1];
    return leaf.at->entries()[leaf.index];
  }

  void seek_first(const node* root) noexcept {
    depth_ = 0;
    if (root != nullptr) descend_first(root);
  }

  void seek_last(const node* root) noexcept {
    depth_ = 0;
    if (root != nullptr) descend_last(root);
  }

  /// To the entry equal to probe; false, and the cursor is nowhere, if there is none.
  template <tree_order Order>
  bool seek(const node* root, typename Order::probe probe) {
    if (descend_to<Order>(root, probe) && exact_) return true;
    depth_ = 0;
    return false;
  }

  /// To the first entry that is not less than probe, or, if after_equal, greater.
  template <tree_order Order>
  void seek_from(const node* root, typename Order::probe probe, bool after_equal) {
    if (!descend_to<Order>(root, probe)) return;
    prefetch_around();
    step& leaf = steps_[depth_ - 1];
    if (exact_ && after_equal) ++leaf.index;
    if (leaf.index == leaf.at->count) {
      --leaf.index;
      next();
    }
  }

  /// To the last entry that is not greater than probe, or, if before_equal, less.
  template <tree_order Order>
  void seek_back_from(const node* root, typename Order::probe probe, bool before_equal) {
    if (!descend_to<Order>(root, probe)) return;
    prefetch_around();
    if (!exact_ || before_equal) previous();
  }

  void next() noexcept {
    assert(!at_end());
    while (depth_ != 0) {
      step& top = steps_[depth_ - 1];
      if (++top.index < top.at->count) {
        if (top.at->level != 0) {
          descend_first(top.at->children()[top.index]);
        } else if (top.index + prefetch_distance < top.at->count) {
          prefetch(top.at->entries()[top.index + prefetch_distance]);
        }
        return;
      }
      --depth_;
    }
  }

  void previous() noexcept {
    assert(!at_end());
    while (depth_ != 0) {
      step& top = steps_[depth_ - 1];
      if (top.index-- != 0) {
        if (top.at->level != 0) {
          descend_last(top.at->children()[top.index]);
        } else if (top.index >= prefetch_distance) {
          prefetch(top.at->entries()[top.index - prefetch_distance]);
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
  /// The way from the root to the entry: the child taken in each node, and the place in the leaf.
  std::span<const step> way() const noexcept { return {steps_.data(), depth_}; }

 private:
  void descend_first(const node* from) noexcept {
    for (;; from = from->children()[0]) {
      steps_[depth_++] = {from, 0};
      if (from->level == 0) break;
    }
    prefetch_around();
  }

  void descend_last(const node* from) noexcept {
    for (;; from = from->children()[from->count - 1]) {
      steps_[depth_++] = {from, from->count - 1U};
      if (from->level == 0) break;
    }
    prefetch_around();
  }

  // Going along a leaf, each entry would be a miss of the cache; so they are asked for ahead of
  // time, the first two lines of each.
  static constexpr unsigned prefetch_distance = 8;

  static void prefetch(const void* entry) noexcept {
    __builtin_prefetch(entry);
    __builtin_prefetch(static_cast<const char*>(entry) + 64);
  }

  /// What lies within the distance of the place in the leaf, on either side.
  void prefetch_around() const noexcept {
    const step& leaf = steps_[depth_ - 1];
    const unsigned first = leaf.index < prefetch_distance ? 0 : leaf.index - prefetch_distance;
    const unsigned last = std::min<unsigned>(leaf.at->count, leaf.index + prefetch_distance + 1);
    for (unsigned i = first; i < last; ++i)
      prefetch(leaf.at->entries()[i]);
  }

  /// To the place in a leaf where probe stands or would stand (one behind the leaf's last entry at
  /// most); false if the tree is empty.
  template <tree_order Order>
  bool descend_to(const node* root, typename Order::probe probe) {
    depth_ = 0;
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
  unsigned depth_ = 0;
  bool exact_ = false;
};

/// The entry equal to probe, or null.
template <tree_order Order>
typename Order::entry* find(const node* root, typename Order::probe probe) {
  const std::uint64_t prefix = Order::prefix_of(probe);
  for (const node* at = root; at != nullptr;) {
    const node_position position = search<Order>(*at, probe, prefix);
    if (position.exact) return static_cast<typename Order::entry*>(at->entries()[position.index]);
    if (at->level == 0 || position.index == 0) return nullptr;
    at = at->children()[position.index - 1];
    prefetch_leaf(at);
  }
  return nullptr;
}

/// Changes a tree copy-on-write on behalf of one version: nodes born in an older version are copied
/// before they change and then belong to retired().
///
/// Functions throw std::bad_alloc (and what the order throws). The tree is then still a tree, so
/// that it can be discarded, but it may hold half of the change.
class tree_editor {
 public:
  tree_editor(memory& memory, std::uint64_t version) noexcept
      : memory_(&memory), version_(version) {}

  /// Nodes of older versions that the changed trees no longer use.
  retired_chain& retired() noexcept { return retired_; }
  std::uint64_t retired_count() const noexcept { return retired_count_; }

  /// Inserts the entry, which probe says how to find; gives the equal one that it replaced, or
  /// null.
  template <tree_order Order>
  typename Order::entry* insert(node*& root, typename Order::entry& entry,
                                typename Order::probe probe);
  template <tree_order Order>
  typename Order::entry* insert(node*& root, typename Order::entry& entry) {
    return insert<Order>(root, entry, Order::probe_of(entry));
  }

  /// Removes the entry equal to probe; gives it, or null if there is none.
  template <tree_order Order>
  typename Order::entry* erase(node*& root, typename Order::probe probe);

  /// Removes the entry at the cursor, which is a place in this tree as it is now. Sets removed as
  /// soon as the tree no longer has the entry, which may be before an exception.
  void erase_at(node*& root, const cursor& place, void*& removed);

  /// Gives up all nodes of a tree: those of this version are freed, older ones retired.
  void retire_tree(node* root) noexcept;

  /// Frees the nodes that belong to this version only, below a root that is given up.
  void discard(node* root) noexcept {
    discard(root, [](void*) {});
  }
  /// The same; on_entry is called for each entry of their leaves.
  template <class Function>
  void discard(node* root, Function on_entry) noexcept;

 private:
  struct step {
    node* at;
    unsigned index;
  };
  /// The way down to a leaf, all of it owned by this version: steps[i].index is the child taken.
  struct path {
    std::array<step, node::max_depth> steps;
    unsigned depth = 0;  // number of inner nodes above the leaf
  };

  bool owned(const node* node) const noexcept { return node->born == version_; }
  node* own(node*& link, unsigned extra);
  void grow(node*& link);
  void insert_at(node*& root, path& way, node* leaf, unsigned index, std::uint64_t prefix,
                 void* entry);
  void rebalance(node*& root, path& way, node* leaf);
  bool join_with_sibling(step& parent);
  static void refresh_minimum(path& way, unsigned depth) noexcept;

  memory* memory_;
  std::uint64_t version_;
  retired_chain retired_;
  std::uint64_t retired_count_ = 0;
};

/// Frees every node below root, whichever version it belongs to.
void destroy_tree(memory& memory, node* root) noexcept;

template <tree_order Order>
typename Order::entry* tree_editor::insert(node*& root, typename Order::entry& entry,
                                           typename Order::probe probe) {
  const std::uint64_t prefix = Order::prefix_of(probe);
  if (root == nullptr) {
    root = node::create(*memory_, version_, 0, node::capacity_for(1));
    root->count = 1;
    root->put(0, prefix, &entry, nullptr);
    return nullptr;
  }
  path way;
  node** link = &root;
  while ((*link)->level != 0) {
    const unsigned index = child_index(search<Order>(**link, probe, prefix));
    // While this node is copied, the next one comes from memory.
    prefetch_leaf((*link)->children()[index]);
    node* inner = own(*link, 1);
    way.steps[way.depth++] = {inner, index};
    link = &inner->children()[index];
  }
  node* at = own(*link, 1);
  const node_position position = search<Order>(*at, probe, prefix);
  if (!position.exact) {
    insert_at(root, way, at, position.index, prefix, &entry);
    return nullptr;
  }
  void* replaced = std::exchange(at->entries()[position.index], &entry);
  if (position.index == 0) refresh_minimum(way, way.depth);
  return static_cast<typename Order::entry*>(replaced);
}

template <tree_order Order>
typename Order::entry* tree_editor::erase(node*& root, typename Order::probe probe) {
  cursor place;
  if (!place.seek<Order>(root, probe)) return nullptr;
  void* removed = nullptr;
  erase_at(root, place, removed);
  return static_cast<typename Order::entry*>(removed);
}

template <class Function>
void tree_editor::discard(node* root, Function on_entry) noexcept {
  if (root == nullptr || !owned(root)) return;
  for (unsigned i = 0; i < root->count; ++i) {
    if (root->level != 0) {
      discard(root->children()[i], on_entry);
    } else {
      on_entry(root->entries()[i]);
    }
  }
  node::destroy(*memory_, root);
}

}  // namespace buntdb::engine
