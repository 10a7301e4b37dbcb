#include "spatial/rtree_cursors.hpp"

#include <algorithm>
#include <bit>

#include "memory/prefetch.hpp"
#include "spatial/interval_bits.hpp"

namespace buntdb::spatial {

static_assert(rtree_node::max_count <= 32, "the bits of a cursor's step");

intersects_cursor::intersects_cursor(std::span<const rtree_node* const> roots,
                                     const rect& area) noexcept
    : area_(area) {
  for (const rtree_node* root : roots) {
    if (root != nullptr) roots_[roots_left_++] = root;
  }
  leaf_ = next_leaf();
  leaf_ahead_ = next_leaf();
}

/// Returns the boxes of a node that share a point with the area. Prefetches what belongs to them.
intersects_cursor::step intersects_cursor::hits_in(const rtree_node* node) const noexcept {
  const std::size_t common = std::min<std::size_t>(node->dimensions, area_.dimensions());
  std::uint32_t hits = ~std::uint32_t{0};
  for (unsigned d = 0; d < common && hits != 0; ++d) {
    hits &=
        intervals_reaching(node->mins(d), node->maxs(d), node->count, area_.max(d), area_.min(d));
  }
  // The caller will read the entries themselves.
  for (std::uint32_t left = hits; left != 0; left &= left - 1)
    engine::prefetch(node->slot(static_cast<unsigned>(std::countr_zero(left))));
  if (node->level != 0 && hits != 0)
    node->prefetch_child(static_cast<unsigned>(std::countr_zero(hits)));
  return {node, hits};
}

/// Returns the next leaf with entries in the area, or a step without hits at the end.
intersects_cursor::step intersects_cursor::next_leaf() noexcept {
  for (;;) {
    const rtree_node* node = nullptr;
    if (depth_ != 0) {
      step& top = steps_[depth_ - 1];
      node = top.at->children()[std::countr_zero(top.left)];
      top.left &= top.left - 1;
      if (top.left == 0) {
        --depth_;
      } else {
        top.at->prefetch_child(static_cast<unsigned>(std::countr_zero(top.left)));
      }
    } else if (roots_left_ != 0) {
      node = roots_[--roots_left_];
    } else {
      return {nullptr, 0};
    }
    const step found = hits_in(node);
    if (found.left == 0) continue;
    if (node->level == 0) return found;
    steps_[depth_++] = found;
  }
}

void* intersects_cursor::next() noexcept {
  if (leaf_.left == 0) {
    leaf_ = leaf_ahead_;
    if (leaf_.left == 0) return nullptr;
    leaf_ahead_ = next_leaf();
  }
  void* entry = leaf_.at->entries()[std::countr_zero(leaf_.left)];
  leaf_.left &= leaf_.left - 1;
  return entry;
}

namespace {

constexpr auto farther = [](const auto& a, const auto& b) { return a.distance > b.distance; };

template <class Heap>
void push(Heap& heap, double distance, const void* what) {
  heap.push_back({distance, what});
  std::push_heap(heap.begin(), heap.end(), farther);
}

/// Makes room for the boxes of one more node.
template <class Heap>
void make_room(Heap& heap) {
  const std::size_t needed = heap.size() + rtree_node::max_count;
  if (heap.capacity() < needed) heap.reserve(needed * 2);
}

template <class Heap>
auto pop(Heap& heap) noexcept {
  std::pop_heap(heap.begin(), heap.end(), farther);
  const auto nearest = heap.back();
  heap.pop_back();
  return nearest;
}

}  // namespace

nearby_cursor::nearby_cursor(std::span<const rtree_node* const> roots, const rect& center)
    : center_(center) {
  nodes_.reserve(128);
  entries_.reserve(256);
  for (const rtree_node* root : roots) {
    if (root != nullptr) push(nodes_, 0, root);
  }
}

void nearby_cursor::expand(const rtree_node& node) {
  const std::size_t common = std::min<std::size_t>(node.dimensions, center_.dimensions());
  std::array<double, rtree_node::max_count> distances{};
  for (unsigned d = 0; d < common; ++d) {
    const double* mins = node.mins(d);
    const double* maxs = node.maxs(d);
    const double low = center_.min(d);
    const double high = center_.max(d);
    for (unsigned i = 0; i < node.count; ++i) {
      // At most one of the two is not 0.
      const double apart = distance_up(high, mins[i]) + distance_up(maxs[i], low);
      distances[i] += apart * apart;
    }
  }
  // This is most likely the next node; it is fetched meanwhile.
  if (node.level == 0 && !nodes_.empty())
    static_cast<const rtree_node*>(nodes_.front().what)->prefetch(node.dimensions, 0);
  std::vector<candidate>& heap = node.level == 0 ? entries_ : nodes_;
  for (unsigned i = 0; i < node.count; ++i)
    push(heap, distances[i], node.slot(i));
}

std::optional<nearby_cursor::found> nearby_cursor::next() {
  for (;;) {
    // At equal distances the entry comes first, because nodes can wait.
    if (!entries_.empty() &&
        (nodes_.empty() || entries_.front().distance <= nodes_.front().distance)) {
      const candidate nearest = pop(entries_);
      if (!entries_.empty()) engine::prefetch(entries_.front().what);
      return found{const_cast<void*>(nearest.what), nearest.distance};
    }
    if (nodes_.empty()) return std::nullopt;
    // Make room first, so that a node that was taken out cannot be lost.
    make_room(nodes_);
    make_room(entries_);
    expand(*static_cast<const rtree_node*>(pop(nodes_).what));
  }
}

}  // namespace buntdb::spatial
