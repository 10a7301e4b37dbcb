#include "reclaim/reclaimer.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <memory>

#include "index/roots.hpp"
#include "tree/cursor.hpp"
#include "tree/dropped_tree.hpp"
#include "tree/tree_walk.hpp"

namespace buntdb::engine {

namespace {

constexpr std::uint64_t no_epoch = std::numeric_limits<std::uint64_t>::max();
constexpr unsigned max_spare_versions = 16;
constexpr std::size_t max_spare_capacity = 1024;

}  // namespace

reclaimer::~reclaimer() {
  assert(published_.empty() && unpinned_ == nullptr && deferred_.empty());
  while (!spare_.empty()) {
    version* version = spare_.pop_front();
    version->~version();
    memory_.deallocate(version, sizeof(*version));
  }
}

version* reclaimer::make_version() {
  if (!spare_.empty()) {
    --spare_count_;
    return spare_.pop_front();
  }
  return ::new (memory_.allocate(sizeof(version))) version;
}

void reclaimer::free_version(version* version) noexcept {
  assert(version->created.empty() && version->retired_items.empty() && version->retired.empty() &&
         version->adopted.empty());
  if (spare_count_ < max_spare_versions && version->replaced.capacity() <= max_spare_capacity) {
    version->replaced.clear();
    version->keys = nullptr;
    version->indexes = nullptr;
    version->predecessor = nullptr;
    ++spare_count_;
    spare_.push_back(version);
    return;
  }
  version->~version();
  memory_.deallocate(version, sizeof(*version));
}

/// Records which versions are pinned. Moves what slots hold for a version that they no longer pin
/// to the unpinned garbage. Returns the lowest epoch that a reader claimed without having chosen
/// its version yet.
std::uint64_t reclaimer::scan(reader_slots& slots) {
  pins_.clear();
  std::uint64_t lowest_epoch = no_epoch;
  slots.for_each([&](reader_slot& slot) {
    const std::uint64_t state = slot.state.load();
    if (slot.held != nullptr && state != slot.held->pin << 1) {
      slot.held->next = std::exchange(unpinned_, slot.held);
      slot.held = nullptr;
    }
    if (state == 0) return false;
    if ((state & 1) != 0) {
      lowest_epoch = std::min(lowest_epoch, state >> 1);
    } else {
      pins_.emplace_back(state >> 1, &slot);
    }
    return true;  // it may hold objects from now on
  });
  std::sort(pins_.begin(), pins_.end(),
            [](const pin& a, const pin& b) { return a.first < b.first; });
  pins_.erase(std::unique(pins_.begin(), pins_.end(),
                          [](const pin& a, const pin& b) { return a.first == b.first; }),
              pins_.end());
  return lowest_epoch;
}

/// Returns where to keep an object that the versions from `born` to `newest` can see; null if no
/// reader sees it. Throws std::bad_alloc.
pinned_garbage* reclaimer::holder(std::uint64_t born, std::uint64_t newest) {
  if (pins_.empty()) return nullptr;
  const auto above = std::upper_bound(pins_.begin(), pins_.end(), newest,
                                      [](std::uint64_t v, const pin& p) { return v < p.first; });
  if (above == pins_.begin() || std::prev(above)->first < born) return nullptr;
  const auto [pinned, slot] = *std::prev(above);
  // If several slots pin this version, another one may already hold objects. Separate lists do no
  // harm.
  if (slot->held == nullptr) slot->held = std::make_unique<pinned_garbage>().release();
  slot->held->pin = pinned;
  return slot->held;
}

/// Keeps the objects that readers of versions up to `newest` can see, and frees the others. Returns
/// false if the budget was used up before the last one.
bool reclaimer::sort_out(item_chain& items, retired_chain& others, std::uint64_t newest,
                         std::uint64_t& budget) {
  for (; !items.empty(); --budget) {
    if (budget == 0) return false;
    pinned_garbage* keeper = holder(items.front()->born, newest);
    item* item = items.pop_front();
    keeper != nullptr ? keeper->items.push_back(item) : item::destroy(memory_, item);
  }
  for (; !others.empty(); --budget) {
    if (budget == 0) return false;
    pinned_garbage* keeper = holder(others.front()->born, newest);
    retirable* object = others.pop_front();
    keeper != nullptr ? keeper->others.push_back(object) : deferred_.free(object);
  }
  return true;
}

bool reclaimer::distribute(version& published, std::uint64_t& budget) {
  while (!published.adopted.empty()) {  // the trees belong to the versions now
    dropped_tree::destroy(memory_, static_cast<dropped_tree*>(published.adopted.pop_front()));
  }
  const std::uint64_t newest = published.number - 1;
  if (!sort_out(published.retired_items, published.retired, newest, budget)) return false;
  if (published.predecessor != nullptr) {
    pinned_garbage* keeper = holder(newest, newest);
    version* predecessor = std::exchange(published.predecessor, nullptr);
    keeper != nullptr ? keeper->versions.push_back(predecessor) : free_version(predecessor);
  }
  return true;
}

bool reclaimer::examine(pinned_garbage& garbage, std::uint64_t& budget) {
  const std::uint64_t newest = garbage.pin;
  if (!sort_out(garbage.items, garbage.others, newest, budget)) return false;
  for (; !garbage.versions.empty(); --budget) {
    if (budget == 0) return false;
    pinned_garbage* keeper = holder(garbage.versions.front()->number, newest);
    version* version = garbage.versions.pop_front();
    keeper != nullptr ? keeper->versions.push_back(version) : free_version(version);
  }
  return true;
}

bool reclaimer::collect(reader_slots& slots, std::uint64_t budget) noexcept {
  try {
    const std::uint64_t lowest_epoch = scan(slots);
    while (!published_.empty() && published_.front()->number <= lowest_epoch) {
      if (!distribute(*published_.front(), budget)) return true;
      published_.pop_front();
    }
    while (unpinned_ != nullptr) {
      if (!examine(*unpinned_, budget)) return true;
      const std::unique_ptr<pinned_garbage> done(unpinned_);
      unpinned_ = done->next;
    }
    deferred_.step(budget);
    return !deferred_.empty();
  } catch (const std::bad_alloc&) {
    return false;  // everything is unchanged; the next call tries again
  }
}

void reclaimer::free_last(version* last, reader_slots& slots) noexcept {
  cursor at;
  for (at.seek_first(last->keys); !at.at_end(); at.next()) {
    item::destroy(memory_, static_cast<item*>(at.entry()));
  }
  destroy_tree(memory_, last->keys);
  last->keys = nullptr;
  if (index_roots* indexes = std::exchange(last->indexes, nullptr); indexes != nullptr) {
    for (retirable* root : indexes->roots())
      free_later(root);
    index_roots::destroy(memory_, indexes);
  }
  while (collect(slots, std::numeric_limits<std::uint64_t>::max())) {
  }
  free_version(last);
}

}  // namespace buntdb::engine
