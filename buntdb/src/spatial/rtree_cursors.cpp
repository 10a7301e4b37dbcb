#include "spatial/rtree_cursors.hpp"

#include <algorithm>
#include <bit>

namespace buntdb::spatial {

static_assert(rtree_node::max_count <= 32, "the bits of a cursor's step");

intersects_cursor::intersects_cursor(std::span<const rtree_node* const> roots,
                                     const rect& area) noexcept
    : area_(area) {
  for (const rtree_node* root : roots) {
    if (root != nullptr) roots_[roots_left_++] = root;
  }
}

void intersects_cursor::enter(const rtree_node* node) noexcept {
  const std::size_t common = std::min<std::size_t>(node->dimensions, area_.dimensions());
  std::uint32_t hits = 0;
  const double* mins = node->mins(0);
  const double* maxs = node->maxs(0);
  const double low = area_.min(0);
  const double high = area_.max(0);
  for (unsigned i = 0; i < node->count; ++i) {
    hits |= (std::uint32_t{mins[i] <= high} & std::uint32_t{maxs[i] >= low}) << i;
  }
  for (unsigned d = 1; d < common; ++d) {
    mins = node->mins(d);
    maxs = node->maxs(d);
    for (std::uint32_t left = hits; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      const bool hit = mins[i] <= area_.max(d) && maxs[i] >= area_.min(d);
      hits ^= std::uint32_t{!hit} << i;
    }
  }
  if (hits == 0) return;
  // Whoever asks for the entries will look into them.
  for (std::uint32_t left = hits; left != 0; left &= left - 1)
    __builtin_prefetch(node->slot(static_cast<unsigned>(std::countr_zero(left))));
  if (node->level != 0) node->prefetch_child(static_cast<unsigned>(std::countr_zero(hits)));
  steps_[depth_++] = {node, hits};
}

void* intersects_cursor::next() noexcept {
  for (;;) {
    if (depth_ == 0) {
      if (roots_left_ == 0) return nullptr;
      enter(roots_[--roots_left_]);
      continue;
    }
    step& top = steps_[depth_ - 1];
    const auto index = static_cast<unsigned>(std::countr_zero(top.left));
    const rtree_node* at = top.at;
    top.left &= top.left - 1;
    if (top.left == 0) --depth_;
    if (at->level == 0) return at->entries()[index];
    if (top.left != 0) at->prefetch_child(static_cast<unsigned>(std::countr_zero(top.left)));
    enter(at->children()[index]);
  }
}

namespace {

constexpr auto farther = [](const auto& a, const auto& b) { return a.distance > b.distance; };

template <class Heap>
void push(Heap& heap, double distance, const void* what) {
  heap.push_back({distance, what});
  std::push_heap(heap.begin(), heap.end(), farther);
}

/// For one more node's boxes.
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
  std::vector<candidate>& heap = node.level == 0 ? entries_ : nodes_;
  for (unsigned i = 0; i < node.count; ++i)
    push(heap, distances[i], node.slot(i));
}

std::optional<nearby_cursor::found> nearby_cursor::next() {
  for (;;) {
    // Among equals the entry comes first: the nodes can wait.
    if (!entries_.empty() &&
        (nodes_.empty() || entries_.front().distance <= nodes_.front().distance)) {
      const candidate nearest = pop(entries_);
      return found{const_cast<void*>(nearest.what), nearest.distance};
    }
    if (nodes_.empty()) return std::nullopt;
    // Room first: a node that was taken out must not be lost.
    make_room(nodes_);
    make_room(entries_);
    expand(*static_cast<const rtree_node*>(pop(nodes_).what));
  }
}

}  // namespace buntdb::spatial
