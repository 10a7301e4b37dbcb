#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "operation.hpp"
#include "single_order.hpp"

namespace explore {

inline constexpr unsigned max_threads = 6;  ///< the last one is the program outside all threads
inline constexpr unsigned outside = max_threads - 1;
inline constexpr unsigned max_locations = 40;

/// For each thread, how many of its operations happen before something.
using vector_clock = std::array<std::uint32_t, max_threads>;

/// What a thread knows, or what a store passes to a thread that acquires it.
struct knowledge {
  /// For each location, the oldest of its values that may still be read.
  std::array<std::uint8_t, max_locations> oldest{};
  vector_clock happened{};
  /// The operations that precede the thread's next one in the single order because they strongly
  /// happen before it.
  order_set ordered;

  void learn(const knowledge& other) noexcept;
};

/// The values that a load may return in the memory model of C++20.
///
///  1. Each location keeps all values it ever had, in modification order, which is the order in
///     which the explorer runs the stores.
///  2. A load may return any value that is not older than one its thread knows. So a store that is
///     not sequentially consistent may be seen late, even by a sequentially consistent load.
///  3. There is a single order of the sequentially consistent operations. It agrees with the
///     relation "strongly happens before" and, for each location, with the values that they store
///     and return. It need not be the order in which the explorer runs them.
///  4. An acquiring load of a value that was stored with release learns what the storing thread
///     knew.
///
/// The model has no fences, no store that is earlier in the modification order than a store that
/// ran before it, and no execution in which a load returns a value that is stored later ("load
/// buffering", "out of thin air").
class memory_model {
 public:
  /// Adds a location that the thread constructs. Its first value is not written atomically.
  unsigned add(unsigned thread, std::uint64_t value);

  /// Returns whether the load may return the value. The newest value is always possible.
  bool can_load(unsigned thread, unsigned location, unsigned index,
                std::memory_order order) const noexcept;
  unsigned newest(unsigned location) const noexcept {
    return static_cast<unsigned>(locations_[location].values.size() - 1);
  }
  std::uint64_t value(unsigned location, unsigned index) const noexcept {
    return locations_[location].values[index].value;
  }

  void load(unsigned thread, unsigned location, unsigned index, std::memory_order order);
  /// Stores a value. `depth` is what newest_depth() is to return.
  void store(unsigned thread, unsigned location, std::uint64_t value, std::memory_order order,
             std::size_t depth);
  /// Replaces the newest value.
  void update(unsigned thread, unsigned location, std::uint64_t value, std::memory_order order,
              std::size_t depth);

  std::size_t newest_depth(unsigned location) const noexcept {
    return locations_[location].values.back().depth;
  }

  /// Returns whether the construction of the location happens before what the thread does now.
  bool constructed_for(unsigned thread, unsigned location) const noexcept;

  const vector_clock& happened(unsigned thread) const noexcept { return threads_[thread].happened; }
  /// Counts an operation of the thread, so that its later actions can be distinguished from earlier
  /// ones.
  void tick(unsigned thread) noexcept { ++threads_[thread].happened[thread]; }

  /// The thread learns everything that the other one knows, because it was started or joined.
  void learn(unsigned thread, unsigned other) noexcept { threads_[thread].learn(threads_[other]); }

 private:
  struct written {
    std::uint64_t value;
    std::size_t depth;   ///< in the search, of the operation that stored it
    knowledge released;  ///< to a thread that acquires it
    /// What precedes a load that returns it, in the single order, if both are in that order.
    order_set ordered;
  };
  /// A sequentially consistent operation. Positions are even for stores and odd for loads: the load
  /// of a value is between its store and the next one.
  struct ordered_operation {
    std::size_t number;
    std::size_t position;
  };
  struct history {
    std::vector<written> values;
    std::vector<ordered_operation> ordered;
    unsigned constructor;       ///< the thread
    std::uint32_t constructed;  ///< and its clock
  };
  struct neighbors {
    order_set before;
    order_set after;
  };

  static std::size_t position_of_load(unsigned index) noexcept {
    return 2 * std::size_t{index} + 1;
  }
  neighbors neighbors_of(unsigned location, std::size_t position,
                         const order_set& before) const noexcept;
  order_set take_place(unsigned location, std::size_t position, const order_set& before);
  void append(unsigned thread, unsigned location, written stored, std::memory_order order);

  std::vector<history> locations_;
  std::array<knowledge, max_threads> threads_{};
  single_order order_;
};

}  // namespace explore
