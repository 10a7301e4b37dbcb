#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "memory/pool.hpp"
#include "tree/retirable.hpp"

namespace buntdb::engine {

/// A node of a tree: up to 64 entries in order. Each entry is a pointer and a prefix, which is the
/// first eight bytes of its sort key as a big-endian number. Immutable once the version that
/// created it is published.
///
///  1. Entries ascend strictly.
///  2. In an inner node, entry i is the smallest entry below child i.
///  3. All leaves have level 0; a child's level is one less than its parent's.
///  4. Every node except the root, and the last nodes of their level, has at least min_count
///     entries.
///
/// The fixed part is followed by the arrays prefixes[capacity], entries[capacity] and, in inner
/// nodes, children[capacity]. The node does not interpret what its entries point to.
struct node : retirable {
  static constexpr std::size_t pointer_size = sizeof(void*);
  static constexpr unsigned max_count = 64;
  static constexpr unsigned min_count = max_count / 4;
  /// More levels than 2^48 entries need.
  static constexpr unsigned max_depth = 12;

  std::uint16_t count = 0;
  std::uint16_t capacity = 0;
  std::uint16_t level = 0;

  explicit node(std::uint64_t version) noexcept : retirable(kind::node, version) {}

  std::uint64_t* prefixes() noexcept { return reinterpret_cast<std::uint64_t*>(this + 1); }
  const std::uint64_t* prefixes() const noexcept {
    return reinterpret_cast<const std::uint64_t*>(this + 1);
  }
  void** entries() noexcept { return reinterpret_cast<void**>(prefixes() + capacity); }
  void* const* entries() const noexcept {
    return reinterpret_cast<void* const*>(prefixes() + capacity);
  }
  node** children() noexcept { return reinterpret_cast<node**>(entries() + capacity); }
  node* const* children() const noexcept {
    return reinterpret_cast<node* const*>(entries() + capacity);
  }

  static constexpr std::size_t allocation_size(unsigned capacity, unsigned level) noexcept {
    return sizeof(node) + std::size_t{capacity} * (level == 0 ? 16 : 24);
  }

  /// Returns the capacity for this many entries, a multiple of eight.
  static constexpr unsigned capacity_for(unsigned count) noexcept {
    return std::min(max_count, (count + 7) / 8 * 8);
  }

  /// Makes an empty node. Throws std::bad_alloc.
  static node* create(pool& memory, std::uint64_t born, unsigned level, unsigned capacity) {
    auto* made = ::new (memory.allocate(allocation_size(capacity, level))) node(born);
    made->capacity = static_cast<std::uint16_t>(capacity);
    made->level = static_cast<std::uint16_t>(level);
    return made;
  }

  static void destroy(pool& memory, node* node) noexcept {
    memory.deallocate(node, allocation_size(node->capacity, node->level));
  }

  /// Appends n entries of `source`, beginning with index `first`. There must be room.
  void append(const node& source, unsigned first, unsigned n) noexcept {
    std::memcpy(prefixes() + count, source.prefixes() + first, n * sizeof(std::uint64_t));
    std::memcpy(entries() + count, source.entries() + first, n * pointer_size);
    if (level != 0) std::memcpy(children() + count, source.children() + first, n * pointer_size);
    count = static_cast<std::uint16_t>(count + n);
  }

  /// Makes room for n entries at `index`. Their contents are undefined.
  void open_gap(unsigned index, unsigned n) noexcept {
    const std::size_t tail = count - index;
    std::memmove(prefixes() + index + n, prefixes() + index, tail * sizeof(std::uint64_t));
    std::memmove(entries() + index + n, entries() + index, tail * pointer_size);
    if (level != 0) {
      std::memmove(children() + index + n, children() + index, tail * pointer_size);
    }
    count = static_cast<std::uint16_t>(count + n);
  }

  /// Removes n entries at `index`.
  void close_gap(unsigned index, unsigned n) noexcept {
    const std::size_t tail = count - index - n;
    std::memmove(prefixes() + index, prefixes() + index + n, tail * sizeof(std::uint64_t));
    std::memmove(entries() + index, entries() + index + n, tail * pointer_size);
    if (level != 0) {
      std::memmove(children() + index, children() + index + n, tail * pointer_size);
    }
    count = static_cast<std::uint16_t>(count - n);
  }

  void put(unsigned index, std::uint64_t prefix, void* entry, node* child) noexcept {
    prefixes()[index] = prefix;
    entries()[index] = entry;
    if (level != 0) children()[index] = child;
  }
};

}  // namespace buntdb::engine
