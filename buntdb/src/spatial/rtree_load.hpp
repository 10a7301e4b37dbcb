#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <buntdb/rect.hpp>

#include "memory/pool.hpp"
#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// Builds the R-tree of many entries in one pass. The tree is better than one built by single
/// insertions, and the construction is many times faster. The entries are halved repeatedly, by one
/// dimension after the other, until each part fits into a leaf. All nodes are then about equally
/// full.
class rtree_loader {
 public:
  explicit rtree_loader(std::size_t dimensions) : dimensions_(static_cast<unsigned>(dimensions)) {}

  /// Adds an entry. Its rectangle must have the loader's number of dimensions. Throws
  /// std::bad_alloc; nothing was added then.
  void add(const rect& where, void* entry);
  std::size_t size() const noexcept { return entries_.size(); }

  /// Returns the tree of all entries that were added; null if there are none. Throws
  /// std::bad_alloc; nothing was built then.
  rtree_node* build(engine::pool& memory, std::uint64_t version);

 private:
  // Nodes are filled to seven eighths, to leave room for changes.
  static constexpr unsigned fill = rtree_node::max_count * 7 / 8;

  struct keyed {
    double key;
    std::size_t index;
  };
  struct target {
    engine::pool& memory;
    std::uint64_t version;
  };

  const double* coordinates(std::size_t index) const noexcept {
    return coordinates_.data() + index * dimensions_ * 2;
  }
  void read(std::size_t index, box& out) const noexcept;
  rtree_node* build(const target& to, std::span<keyed> part, unsigned level, unsigned dimension);
  void add_children(const target& to, rtree_node& parent, std::span<keyed> part,
                    std::size_t children, unsigned dimension);
  void halve(std::span<keyed> part, std::size_t middle, unsigned& dimension) noexcept;

  unsigned dimensions_;
  std::vector<double> coordinates_;  // of each entry: the lower ones, then the upper ones
  std::vector<void*> entries_;
};

}  // namespace buntdb::spatial
