#pragma once

#include <bitset>
#include <cstddef>
#include <vector>

namespace explore {

inline constexpr std::size_t max_ordered = 192;

/// Some of the sequentially consistent operations of an execution, by their numbers.
using order_set = std::bitset<max_ordered>;

/// What is known about the single order of all sequentially consistent operations: which of them
/// must precede which. The order exists as long as there is no cycle.
class single_order {
 public:
  /// Returns whether an operation can be added that follows some operations and precedes others.
  bool allows(const order_set& before, const order_set& after) const noexcept;

  /// Adds the operation, and returns its number. It must be allowed.
  std::size_t add(const order_set& before, const order_set& after);

 private:
  std::vector<order_set> followers_;  ///< of each operation, direct or not
};

}  // namespace explore
