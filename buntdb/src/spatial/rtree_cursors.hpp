#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <buntdb/rect.hpp>

#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// Iterates over the entries of trees whose rectangles share a point with an area, in no particular
/// order. The trees may have other dimensions than the area: dimensions that only one of the two
/// has are ignored, as in BuntDB. The nodes must stay readable as long as the cursor is used. A
/// copy continues from the same position.
class intersects_cursor {
 public:
  /// Null roots are empty trees. There are at most rect::max_dimensions roots.
  intersects_cursor(std::span<const rtree_node* const> roots, const rect& area) noexcept;
  intersects_cursor(const rtree_node* root, const rect& area) noexcept
      : intersects_cursor(std::span(&root, 1), area) {}

  /// Returns the next entry, or null at the end.
  void* next() noexcept;

 private:
  /// A node, and, as bits, those of its boxes that are still to be visited.
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

/// Iterates over the entries of trees by their distance from a rectangle: the square of the
/// distance between the nearest points of the two boxes, 0 if they touch. Dimensions that only one
/// of the two has are ignored, as in BuntDB. Entries with the same distance come in no particular
/// order. The nodes must stay readable as long as the cursor is used. next() throws std::bad_alloc,
/// and can then be called again.
class nearby_cursor {
 public:
  struct found {
    void* entry;
    double distance;
  };

  /// Null roots are empty trees. There are at most rect::max_dimensions roots. Throws
  /// std::bad_alloc.
  nearby_cursor(std::span<const rtree_node* const> roots, const rect& center);
  nearby_cursor(const rtree_node* root, const rect& center)
      : nearby_cursor(std::span(&root, 1), center) {}

  std::optional<found> next();

 private:
  /// A node or an entry that may be the next. The heap has the nearest one first.
  struct candidate {
    double distance;
    const void* what;
  };

  void expand(const rtree_node& node);

  rect center_;
  std::vector<candidate> nodes_;  // a heap, like entries_
  std::vector<candidate> entries_;
};

}  // namespace buntdb::spatial
