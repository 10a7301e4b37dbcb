#pragma once

#include <array>

#include "memory/pool.hpp"

namespace buntdb::engine {

/// Nodes allocated before a change that must not fail halfway. Frees those that were not taken.
/// There is room for one node for each level, and for a root.
template <class Node>
class spare_nodes {
 public:
  explicit spare_nodes(pool& memory) noexcept : memory_(memory) {}
  spare_nodes(const spare_nodes&) = delete;
  spare_nodes& operator=(const spare_nodes&) = delete;
  ~spare_nodes() {
    while (taken_ < count_)
      Node::destroy(memory_, nodes_[taken_++]);
  }

  void add(Node* node) noexcept { nodes_[count_++] = node; }
  /// Returns the node that was added first among those that are left.
  Node* take() noexcept { return nodes_[taken_++]; }

 private:
  pool& memory_;
  std::array<Node*, Node::max_depth + 1> nodes_;
  unsigned count_ = 0;
  unsigned taken_ = 0;
};

}  // namespace buntdb::engine
