#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include "memory/pool.hpp"
#include "memory/prefetch.hpp"
#include "spatial/box.hpp"
#include "tree/retirable.hpp"

namespace buntdb::spatial {

/// A node of an R-tree: up to 32 boxes in no particular order, each with the child below it or, in
/// a leaf, with the entry whose rectangle it is. Immutable once the version that created it is
/// published.
///
///  1. All leaves have level 0; a child's level is one less than its parent's.
///  2. In an inner node, box i is the bounding box of child i.
///  3. No node is empty; the root is a leaf or has at least two children.
///
/// The fixed part is followed by arrays, in an order that lets searches read sequentially: for each
/// dimension the lower coordinates; for each dimension the upper ones (omitted in a leaf that
/// contains only points); in inner nodes the hashes of the entries below; then children or entries.
/// The node does not interpret what its entries point to.
struct rtree_node : engine::retirable {
  static constexpr unsigned max_count = 32;
  /// A node with fewer entries is joined with a sibling that has room.
  static constexpr unsigned min_count = max_count / 4;
  /// More levels than any tree needs: a root is split only when it is full, and each part has at
  /// least 2/5 of its entries.
  static constexpr unsigned max_depth = 64;

  std::uint16_t count = 0;
  std::uint16_t capacity;
  std::uint8_t level;
  std::uint8_t dimensions;
  bool points;  ///< a leaf that contains only points
  /// How often the editor had frozen the tree when it made this node.
  std::uint32_t generation = 0;

  struct shape {
    unsigned dimensions;
    unsigned level;
    unsigned capacity;
    bool points;
  };

  rtree_node(std::uint64_t version, const shape& of) noexcept
      : retirable(kind::rtree_node, version),
        capacity(static_cast<std::uint16_t>(of.capacity)),
        level(static_cast<std::uint8_t>(of.level)),
        dimensions(static_cast<std::uint8_t>(of.dimensions)),
        points(of.points) {}

  /// Throws std::bad_alloc.
  static rtree_node* create(engine::pool& memory, std::uint64_t born, const shape& of) {
    return ::new (memory.allocate(allocation_size(of))) rtree_node(born, of);
  }
  static void destroy(engine::pool& memory, rtree_node* node) noexcept {
    memory.deallocate(
        node, allocation_size({node->dimensions, node->level, node->capacity, node->points}));
  }
  static constexpr std::size_t allocation_size(const shape& of) noexcept {
    static_assert(sizeof(void*) == 8, "all arrays have words of eight bytes");
    const std::size_t words = of.dimensions * (of.points ? 1U : 2U) + (of.level == 0 ? 1U : 2U);
    return sizeof(rtree_node) + words * of.capacity * 8;
  }
  /// Returns the capacity for this many entries, a multiple of eight.
  static constexpr unsigned capacity_for(unsigned count) noexcept {
    return std::min(max_count, (count + 7) / 8 * 8);
  }

  const double* mins(unsigned dimension) const noexcept { return words<double>(dimension); }
  double* mins(unsigned dimension) noexcept { return words<double>(dimension); }
  const double* maxs(unsigned dimension) const noexcept {
    return words<double>(points ? dimension : dimensions + dimension);
  }
  double* maxs(unsigned dimension) noexcept {
    return words<double>(points ? dimension : dimensions + dimension);
  }
  /// Only in inner nodes: the hashes of the entries below each child.
  const hash_range* hashes() const noexcept { return words<hash_range>(dimensions * 2U); }
  hash_range* hashes() noexcept { return words<hash_range>(dimensions * 2U); }
  /// Returns the hashes of the entries below a child, or of an entry.
  hash_range hashes_of(unsigned index) const noexcept {
    return level != 0 ? hashes()[index] : hash_range::of(entries()[index]);
  }

  rtree_node* const* children() const noexcept { return words<rtree_node*>(slot_array()); }
  rtree_node** children() noexcept { return words<rtree_node*>(slot_array()); }
  void* const* entries() const noexcept { return words<void*>(slot_array()); }
  void** entries() noexcept { return words<void*>(slot_array()); }
  void prefetch_child(unsigned index) const noexcept {
    static_cast<const rtree_node*>(slot(index))->prefetch(dimensions, level - 1U);
  }
  /// Prefetches everything of a node that will be read, instead of line by line. The node itself
  /// contains its dimensions and level, but reading them would be the cache miss to avoid.
  void prefetch(unsigned its_dimensions, unsigned its_level) const noexcept {
    const std::size_t size =
        allocation_size({its_dimensions, its_level, max_count * 3 / 4, its_level == 0});
    engine::prefetch(this, size);
  }
  /// Returns the child or entry, whichever the node has.
  void* slot(unsigned index) const noexcept { return words<void*>(slot_array())[index]; }

  /// In a node of points, the box must be a point. A null slot leaves the present one in place.
  void put(unsigned index, const box& box, void* slot) noexcept {
    for (unsigned d = 0; d < dimensions; ++d) {
      mins(d)[index] = box.min[d];
      maxs(d)[index] = box.max[d];
    }
    if (level != 0) hashes()[index] = box.hashes;
    if (slot != nullptr) entries()[index] = slot;
  }

  void append(const box& box, void* slot) noexcept { put(count++, box, slot); }

  void read(unsigned index, box& out) const noexcept {
    for (unsigned d = 0; d < dimensions; ++d) {
      out.min[d] = mins(d)[index];
      out.max[d] = maxs(d)[index];
    }
    out.hashes = hashes_of(index);
  }

  /// Computes the bounding box of the node.
  void cover(box& out) const noexcept {
    for (unsigned d = 0; d < dimensions; ++d) {
      out.min[d] = least_of(mins(d), count);
      out.max[d] = greatest_of(maxs(d), count);
    }
    out.hashes = hashes_of(0);
    for (unsigned i = 1; i < count; ++i)
      out.hashes.extend(hashes_of(i));
  }

  /// Moves the last entry to `index`.
  void remove(unsigned index) noexcept {
    --count;
    if (index == count) return;
    for (unsigned array = 0; array <= slot_array(); ++array) {
      std::memcpy(words<char>(array) + index * std::size_t{8},
                  words<char>(array) + count * std::size_t{8}, 8);
    }
  }

  /// Appends everything in `source`, which must have the same level. There must be room. If this
  /// node is for points, so must be the boxes of `source`.
  void append_all(const rtree_node& source) noexcept {
    if (count == 0 && capacity == source.capacity && points == source.points) {
      std::memcpy(words<char>(0), source.words<char>(0),
                  (slot_array() + std::size_t{1}) * capacity * 8);
      count = source.count;
      return;
    }
    const std::size_t size = std::size_t{source.count} * 8;
    const auto copy = [&](auto* to, const auto* from) { std::memcpy(to + count, from, size); };
    for (unsigned d = 0; d < dimensions; ++d) {
      copy(mins(d), source.mins(d));
      if (!points) copy(maxs(d), source.maxs(d));
    }
    if (level != 0) copy(hashes(), source.hashes());
    copy(entries(), source.entries());
    count = static_cast<std::uint16_t>(count + source.count);
  }

 private:
  unsigned slot_array() const noexcept {
    return dimensions * (points ? 1U : 2U) + (level == 0 ? 0U : 1U);
  }
  template <class Word>
  Word* words(unsigned array) noexcept {
    return reinterpret_cast<Word*>(reinterpret_cast<char*>(this + 1) +
                                   std::size_t{array} * capacity * 8);
  }
  template <class Word>
  Word* words(unsigned array) const noexcept {
    return const_cast<rtree_node*>(this)->words<Word>(array);
  }
};

}  // namespace buntdb::spatial
