#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <buntdb/rect.hpp>

#include "memory/pool.hpp"
#include "spatial/rtree_node.hpp"

namespace buntdb::spatial {

/// Builds the R-tree of many entries at once: better than inserting them one by one, and many times
/// faster. The entries are halved again and again, by one dimension after the other, until as many
/// are left as fit into a leaf, whose nodes are then all about equally full.
class rtree_loader {
 public:
  explicit rtree_loader(std::size_t dimensions) : dimensions_(static_cast<unsigned>(dimensions)) {}

  /// Notes an entry, whose rectangle has the loader's dimensions. Throws std::bad_alloc, and has
  /// then noted nothing.
  void add(const rect& where, void* entry);
  std::size_t size() const noexcept { return entries_.size(); }

  /// The tree of all that was added; null if that is nothing. Throws std::bad_alloc, and has then
  /// built nothing.
  rtree_node* build(engine::pool& memory, std::uint64_t version);

 private:
  // Room for changes is left: seven eighths are taken.
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
  std::vector<double> coordinates_;  // of each entry: the smaller ones, then the greater ones
  std::vector<void*> entries_;
};

}  // namespace buntdb::spatial
