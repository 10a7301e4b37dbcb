#include "spatial/rtree_load.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "tree/tree_walk.hpp"

namespace buntdb::spatial {

void rtree_loader::add(const rect& where, void* entry) {
  assert(where.dimensions() == dimensions_);
  entries_.push_back(entry);
  try {
    coordinates_.insert(coordinates_.end(), where.min().begin(), where.min().end());
    coordinates_.insert(coordinates_.end(), where.max().begin(), where.max().end());
  } catch (...) {
    entries_.pop_back();
    coordinates_.resize(entries_.size() * dimensions_ * 2);
    throw;
  }
}

void rtree_loader::read(std::size_t index, box& out) const noexcept {
  const double* from = coordinates(index);
  std::copy_n(from, dimensions_, out.min.data());
  std::copy_n(from + dimensions_, dimensions_, out.max.data());
  out.hashes = hash_range::of(entries_[index]);
}

rtree_node* rtree_loader::build(engine::pool& memory, std::uint64_t version) {
  if (entries_.empty()) return nullptr;
  std::vector<keyed> order(entries_.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i].index = i;
  unsigned level = 0;
  for (std::size_t reach = fill; reach < order.size(); reach *= fill)
    ++level;
  return build({memory, version}, order, level, 0);
}

/// Builds a tree of the given level. The entries must fit into such a tree.
rtree_node* rtree_loader::build(const target& to, std::span<keyed> part, unsigned level,
                                unsigned dimension) {
  box box;
  if (level == 0) {
    bool points = true;
    for (const keyed& one : part) {
      read(one.index, box);
      points = points && box.is_point(dimensions_);
    }
    const unsigned capacity = rtree_node::capacity_for(static_cast<unsigned>(part.size()));
    rtree_node* leaf =
        rtree_node::create(to.memory, to.version, {dimensions_, 0, capacity, points});
    for (const keyed& one : part) {
      read(one.index, box);
      leaf->append(box, entries_[one.index]);
    }
    return leaf;
  }
  std::size_t reach = 1;  // the number of entries that one child can hold
  for (unsigned below = 0; below < level; ++below)
    reach *= fill;
  const std::size_t children = (part.size() + reach - 1) / reach;
  const unsigned capacity = rtree_node::capacity_for(static_cast<unsigned>(children));
  rtree_node* parent =
      rtree_node::create(to.memory, to.version, {dimensions_, level, capacity, false});
  try {
    add_children(to, *parent, part, children, dimension);
  } catch (...) {
    destroy_tree(to.memory, parent);
    throw;
  }
  return parent;
}

void rtree_loader::add_children(const target& to, rtree_node& parent, std::span<keyed> part,
                                std::size_t children, unsigned dimension) {
  if (children == 1) {
    rtree_node* child = build(to, part, parent.level - 1U, dimension);
    box cover;
    child->cover(cover);
    parent.append(cover, child);
    return;
  }
  // In proportion, so that no part is larger than what its children can hold.
  const std::size_t left = children / 2;
  const std::size_t middle = part.size() * left / children;
  halve(part, middle, dimension);
  add_children(to, parent, part.first(middle), left, dimension);
  add_children(to, parent, part.subspan(middle), children - left, dimension);
}

/// Moves the lower half to the front, by one dimension: the given one, or the next one in which the
/// entries differ. Sets `dimension` to the one to use next time.
void rtree_loader::halve(std::span<keyed> part, std::size_t middle, unsigned& dimension) noexcept {
  bool differ = false;
  for (unsigned tried = 0; tried < dimensions_ && !differ; ++tried) {
    const unsigned by = dimension;
    dimension = dimension + 1 == dimensions_ ? 0 : dimension + 1;
    for (keyed& one : part) {
      const double* from = coordinates(one.index);
      // The center of the box, if it has one; the sum of two infinities would be NaN.
      const double center = from[by] / 2 + from[dimensions_ + by] / 2;
      one.key = std::isnan(center) ? 0 : center;
    }
    const auto [least, greatest] = std::ranges::minmax_element(part, {}, &keyed::key);
    differ = least->key < greatest->key;
  }
  const auto at = part.begin() + static_cast<std::ptrdiff_t>(middle);
  if (differ) {
    std::ranges::nth_element(part, at, {}, &keyed::key);
  } else {
    std::ranges::nth_element(
        part, at, {}, [this](const keyed& one) { return hash_range::of(entries_[one.index]).low; });
  }
}

}  // namespace buntdb::spatial
