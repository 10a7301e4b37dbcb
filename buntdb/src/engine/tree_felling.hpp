#pragma once

#include <cstdint>

#include "engine/memory.hpp"
#include "engine/retirable.hpp"

namespace buntdb::engine {

/// A tree of an index that its version gave up as a whole, with all its nodes and, in an ordered
/// index, all its entries: the index was dropped, or everything erased. Its own born is 0, which is
/// no later than anything in it.
struct dropped_tree : retirable {
  retirable* root;

  explicit dropped_tree(retirable* tree) noexcept : retirable(kind::dropped_tree, 0), root(tree) {}

  /// Throws std::bad_alloc.
  static dropped_tree* create(memory& memory, retirable* root) {
    return ::new (memory.allocate(sizeof(dropped_tree))) dropped_tree(root);
  }
  /// The tree stays.
  static void destroy(memory& memory, dropped_tree* dropped) noexcept {
    memory.deallocate(dropped, sizeof(dropped_tree));
  }
};

/// Frees trees of indexes that nobody can see any more, a bounded step at a time and without memory
/// of its own: nodes wait in a stack through their own links.
class tree_felling {
 public:
  explicit tree_felling(memory& memory) noexcept : memory_(memory) {}

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
  void push(retirable* node) noexcept {
    node->next_retired = stack_;
    stack_ = node;
  }

  memory& memory_;
  retirable* stack_ = nullptr;
};

}  // namespace buntdb::engine
