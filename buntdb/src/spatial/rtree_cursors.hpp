#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <buntdb/rect.hpp>

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// Goes through the entries of trees whose rectangles share a point with an area, in no order.
/// Trees may have other dimensions than the area: those that only one of the two has do not count,
/// as in BuntDB. Reads the nodes as long as it is used; copying it goes on from the same place.
class intersects_cursor {
 public:
  /// Null roots are empty trees; there are at most rect::max_dimensions.
  intersects_cursor(std::span<const rtree_node* const> roots, const rect& area) noexcept;
  intersects_cursor(const rtree_node* root, const rect& area) noexcept
      : intersects_cursor(std::span(&root, 1), area) {}

  /// An entry; null at the end.
  void* next() noexcept;

 private:
  /// A node, and those of its boxes that are still to be looked at, as bits.
  struct step {
    const rtree_node* at;
    std::uint32_t left;
  };

  step hits_in(const rtree_node* node) const noexcept;
  step next_leaf() noexcept;

  rect area_;
  std::array<const rtree_node*, rect::max_dimensions> roots_{};
  unsigned roots_left_ = 0;
  unsigned depth_ = 0;
  std::array<step, rtree_node::max_depth> steps_;  // inner nodes
  step leaf_;
  step leaf_ahead_;
};

/// Goes through the entries of trees by their distance from a rectangle: the square of the distance
/// between the two boxes' nearest points, 0 where they touch. Dimensions that only one of the two
/// has do not count, as in BuntDB. Entries of the same distance come in no order. Reads the nodes
/// as long as it is used; next() throws std::bad_alloc, and can then be called again.
class nearby_cursor {
 public:
  struct found {
    void* entry;
    double distance;
  };

  /// Null roots are empty trees; there are at most rect::max_dimensions. Throws std::bad_alloc.
  nearby_cursor(std::span<const rtree_node* const> roots, const rect& center);
  nearby_cursor(const rtree_node* root, const rect& center)
      : nearby_cursor(std::span(&root, 1), center) {}

  std::optional<found> next();

 private:
  /// A node or an entry that may be the next. In the queue's order the nearest comes first.
  struct candidate {
    double distance;
    const void* what;
  };

  void expand(const rtree_node& node);

  rect center_;
  std::vector<candidate> nodes_;  // heaps
  std::vector<candidate> entries_;
};

}  // namespace buntdb::spatial
