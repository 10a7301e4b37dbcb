#pragma once

#include <array>
#include <cstdint>

#include <buntdb/clock.hpp>

#include "version/item.hpp"

namespace buntdb::engine {

/// The published items that can expire, roughly in the order in which they do: a hierarchical
/// timing wheel of six levels of 64 lists, with a tick of 2^27 ns (0.13 s). Adding and removing an
/// item changes a few pointers, allocates nothing and cannot fail.
///
///  1. An item whose tick has passed is in due(). Any other item is in a list of the wheel.
///  2. An item is on the level of the highest six bits in which its tick differs from elapsed_ (or
///     on a higher one, until advance() moves it).
///  3. unsorted_ contains the items of add_later() and, after the clock was set back, all earlier
///     items. advance() puts each into its list.
///
/// After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987). Not thread-safe.
class expiry_wheel {
 public:
  /// Items whose tick ends before `start` are due immediately.
  explicit expiry_wheel(time_point start) noexcept;

  /// Adds an item that is in no list. An item without expiry is not put into a list.
  void add(item* item) noexcept;

  /// Adds all items of a list, which is empty afterward. Takes constant time: advance() sorts the
  /// items, within its budget. Until then, items without expiry are in a list, too.
  void add_later(item_list& items) noexcept { unsorted_.splice_back(items); }

  /// Removes an item, also from due(). Does nothing for an item that never expires.
  static void remove(item* item) noexcept {
    if (item->next != nullptr) item_list::unlink(item);
  }

  /// Moves the items whose tick is over to due(), touching at most `budget` items. Returns true if
  /// it stopped because of the budget. If the clock was set back by less than two seconds, nothing
  /// changes. After a larger step, the wheel is rebuilt for the new time, within the budget of each
  /// call.
  bool advance(time_point now, std::uint64_t budget) noexcept;

  /// Returns the items that had expired at the time of the last advance(), roughly the oldest
  /// first.
  item_list& due() noexcept { return due_; }

 private:
  static constexpr unsigned tick_bits = 27;
  static constexpr unsigned level_bits = 6;
  static constexpr unsigned levels = 6;
  static constexpr unsigned slots = 1U << level_bits;

  static std::uint64_t tick_of(std::int64_t nanoseconds) noexcept {
    return nanoseconds <= 0 ? 0 : static_cast<std::uint64_t>(nanoseconds) >> tick_bits;
  }
  unsigned current_slot(unsigned level) const noexcept {
    return static_cast<unsigned>(elapsed_ >> (level * level_bits)) & (slots - 1);
  }
  void begin_anew(std::uint64_t now) noexcept;
  bool cascade(unsigned level, std::uint64_t& budget) noexcept;

  std::uint64_t elapsed_;  // ticks before this one have passed
  std::array<std::uint64_t, levels> occupied_{};
  std::array<std::array<item_list, slots>, levels> lists_;
  item_list due_;
  item_list unsorted_;
};

}  // namespace buntdb::engine
