#pragma once

#include <array>
#include <cassert>
#include <cstdint>

#include "tree/node.hpp"

namespace buntdb::engine {

/// Builds a tree from entries in ascending order, without searching: each entry is appended at the
/// right edge, and all nodes left of it are full.
///
/// Functions throw std::bad_alloc; the tree is then unchanged.
class tree_builder {
 public:
  tree_builder(pool& memory, std::uint64_t version) noexcept : memory_(memory), version_(version) {}
  tree_builder(const tree_builder&) = delete;
  tree_builder& operator=(const tree_builder&) = delete;

  /// Returns the present tree, or null if it is empty. The caller owns its nodes.
  node* root() const noexcept { return depth_ == 0 ? nullptr : edge_[depth_ - 1]; }

  void append(std::uint64_t prefix, void* entry) {
    // First everything that can fail: a new node on each level that is full.
    unsigned full = 0;
    while (full < depth_ && edge_[full]->count == node::max_count)
      ++full;
    const bool new_root = full == depth_;
    std::array<node*, node::max_depth + 1> made{};
    const unsigned wanted = new_root && depth_ != 0 ? full + 1 : full + (depth_ == 0 ? 1 : 0);
    assert(wanted <= node::max_depth);
    unsigned have = 0;
    try {
      for (; have < wanted; ++have)
        made[have] = node::create(memory_, version_, have, node::max_count);
    } catch (...) {
      while (have != 0)
        node::destroy(memory_, made[--have]);
      throw;
    }
    if (depth_ == 0) {
      edge_[0] = made[0];
      depth_ = 1;
      add(*edge_[0], prefix, entry, nullptr);
      return;
    }
    if (new_root) {
      const node& old = *edge_[depth_ - 1];
      add(*made[full], old.prefixes()[0], old.entries()[0], edge_[depth_ - 1]);
      edge_[depth_++] = made[full];
    }
    node* child = nullptr;
    for (unsigned level = 0; level < full; ++level) {
      edge_[level] = made[level];
      add(*edge_[level], prefix, entry, child);
      child = edge_[level];
    }
    add(*edge_[full], prefix, entry, child);
  }

 private:
  static void add(node& to, std::uint64_t prefix, void* entry, node* child) noexcept {
    const unsigned index = to.count++;
    to.put(index, prefix, entry, child);
  }

  pool& memory_;
  std::uint64_t version_;
  std::array<node*, node::max_depth + 1> edge_{};  // the last node of each level
  unsigned depth_ = 0;
};

}  // namespace buntdb::engine
