#include "version/expiry_wheel.hpp"

#include <bit>

namespace buntdb::engine {

namespace {

/// How far the clock may go back without a rebuild. Items that expire within this time are in due()
/// too early, and are examined again and again until they expire.
constexpr std::uint64_t tolerated_ticks = 16;

}  // namespace

expiry_wheel::expiry_wheel(time_point start) noexcept
    : elapsed_(tick_of(start.time_since_epoch().count())) {}

void expiry_wheel::add(item* item) noexcept {
  if (item->expires == item::no_expiry) return;
  const std::uint64_t tick = tick_of(item->expires);
  if (tick < elapsed_) {
    due_.push_back(item);
    return;
  }
  const std::uint64_t difference = tick ^ elapsed_;
  const unsigned level =
      difference == 0 ? 0 : (static_cast<unsigned>(std::bit_width(difference)) - 1) / level_bits;
  const unsigned slot = static_cast<unsigned>(tick >> (level * level_bits)) & (slots - 1);
  lists_[level][slot].push_back(item);
  occupied_[level] |= std::uint64_t{1} << slot;
}

/// Distributes the list of the current slot over the levels below. Returns false if the budget ends
/// first.
bool expiry_wheel::cascade(unsigned level, std::uint64_t& budget) noexcept {
  const unsigned slot = current_slot(level);
  item_list& list = lists_[level][slot];
  for (; !list.empty(); --budget) {
    if (budget == 0) return false;
    add(list.pop_front());
  }
  occupied_[level] &= ~(std::uint64_t{1} << slot);
  return true;
}

void expiry_wheel::begin_anew(std::uint64_t now) noexcept {
  for (auto& level : lists_)
    for (item_list& list : level)
      unsorted_.splice_back(list);
  unsorted_.splice_back(due_);
  occupied_ = {};
  elapsed_ = now;
}

bool expiry_wheel::advance(time_point now, std::uint64_t budget) noexcept {
  const std::uint64_t target = tick_of(now.time_since_epoch().count());
  if (target + tolerated_ticks < elapsed_) begin_anew(target);
  for (; !unsorted_.empty(); --budget) {
    if (budget == 0) return true;
    add(unsorted_.pop_front());
  }
  while (elapsed_ < target) {
    // Lists in slots that time has entered belong on lower levels.
    for (unsigned level = levels - 1; level != 0; --level) {
      const bool entered = (occupied_[level] >> current_slot(level) & 1) != 0;
      if (entered && !cascade(level, budget)) return true;
    }
    // Find the next occupied slot, on the lowest level that has one ahead; lower levels come first.
    std::uint64_t next = target;
    unsigned found = levels;
    for (unsigned level = 0; level < levels && found == levels; ++level) {
      const std::uint64_t ahead = occupied_[level] >> current_slot(level);
      if (ahead == 0) continue;
      const unsigned shift = level * level_bits;
      const std::uint64_t units =
          (elapsed_ >> shift) + static_cast<unsigned>(std::countr_zero(ahead));
      next = units << shift;
      found = level;
    }
    if (next >= target) {
      elapsed_ = target;
    } else if (found == 0) {
      item_list& list = lists_[0][next & (slots - 1)];
      due_.splice_back(list);
      occupied_[0] &= ~(std::uint64_t{1} << (next & (slots - 1)));
      elapsed_ = next + 1;
    } else {
      elapsed_ = next;
    }
  }
  return false;
}

}  // namespace buntdb::engine
