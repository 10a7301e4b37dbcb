#pragma once

#include <cstdint>

#include "memory/pool.hpp"
#include "tree/retirable.hpp"

namespace buntdb::engine {

/// Frees trees of indexes that no reader can see any more, in bounded steps and without allocating
/// memory: the nodes are linked into a stack through their own pointers.
class deferred_free {
 public:
  explicit deferred_free(pool& memory) noexcept : memory_(memory) {}

  void add(retirable* root) noexcept {
    if (root != nullptr) push(root);
  }

  /// Frees a retired object of any kind. What is below a dropped tree is freed by step().
  void free(retirable* retired) noexcept;

  bool empty() const noexcept { return stack_ == nullptr; }

  /// Frees objects until the budget, a number of objects, is used up.
  void step(std::uint64_t& budget) noexcept;

 private:
  void free_node(retirable* at) noexcept;
  void push(retirable* node) noexcept {
    node->next_retired = stack_;
    stack_ = node;
  }

  pool& memory_;
  retirable* stack_ = nullptr;
};

}  // namespace buntdb::engine
