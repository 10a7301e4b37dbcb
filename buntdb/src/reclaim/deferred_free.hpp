#pragma once

#include <cstdint>

#include "memory/pool.hpp"
#include "tree/retirable.hpp"

namespace buntdb::engine {

/// Frees trees of indexes that nobody can see any more, a bounded step at a time and without memory
/// of its own: nodes wait in a stack through their own links.
class deferred_free {
 public:
  explicit deferred_free(pool& memory) noexcept : memory_(memory) {}

  void add(retirable* root) noexcept {
    if (root != nullptr) push(root);
  }

  /// Frees what was retired, whatever it is; of a dropped tree all that is below it waits for
  /// step().
  void free(retirable* retired) noexcept;

  bool empty() const noexcept { return stack_ == nullptr; }

  /// Frees until the budget, a number of objects, is used up.
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
