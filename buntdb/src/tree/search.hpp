#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "memory/prefetch.hpp"
#include "tree/node.hpp"

namespace buntdb::engine {

/// The order of a tree: the type of its entries, the type of a probe to search with, and their
/// comparison.
template <class Order>
concept tree_order = requires(const typename Order::entry& entry, typename Order::probe probe) {
  { Order::prefix_of(probe) } -> std::same_as<std::uint64_t>;
  { Order::compare(entry, probe) } -> std::convertible_to<int>;
};

/// The position of a probe among the entries of a node: before `index`, or at it if `exact`.
struct node_position {
  unsigned index;
  bool exact;
};

/// Returns the first index whose prefix is not less than the given one, without branches.
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
  // Compare the keys of the entries that have the same prefix.
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

/// Returns the child of an inner node under which the probe belongs.
inline unsigned child_index(node_position position) noexcept {
  return position.exact || position.index == 0 ? position.index : position.index - 1;
}

/// Prefetches everything in a leaf that a search may read, the prefixes and the entries after them,
/// instead of line by line during the binary search.
inline void prefetch_leaf(const node* at) noexcept {
  prefetch(at, sizeof(node) + node::max_count * std::size_t{16});
}

/// Returns the entry that equals the probe, or null.
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

}  // namespace buntdb::engine
