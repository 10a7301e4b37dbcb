#include "version/reader_slots.hpp"

#include <algorithm>

namespace buntdb::engine {

namespace {

/// Returns where this thread begins its search, so that threads that read at the same time use
/// different slots.
unsigned first_choice() noexcept {
  static std::atomic<unsigned> threads{0};
  thread_local const unsigned choice = threads.fetch_add(1, std::memory_order_relaxed);
  return choice;
}

/// The exchange is sequentially consistent, like the load of the current version that follows it
/// and the writer's scan: see the proof in reclaimer.hpp. The load before it only avoids an
/// exchange that would fail; the proof does not need it.
bool try_claim(reader_slot& slot, std::uint64_t taken) noexcept {
  std::uint64_t free = 0;
  return slot.state.load(std::memory_order_relaxed) == 0 &&
         slot.state.compare_exchange_strong(free, taken);
}

}  // namespace

slot_block::slot_block(reader_slots& all, std::size_t groups)
    : all_(all),
      groups_(groups),
      slots_(std::make_unique<reader_slot[]>(groups * group_size)),
      used_in_group_(std::make_unique<std::atomic<std::uint32_t>[]>(groups)),
      clear_(std::make_unique<bool[]>(groups)) {
  for (std::size_t i = 0; i < groups * group_size; ++i)
    slots_[i].home = this;
  std::fill_n(clear_.get(), groups, true);
}

reader_slot* slot_block::try_claim(std::uint64_t taken) noexcept {
  if (used_.load(std::memory_order_relaxed) >= groups_ * group_size) return nullptr;
  ++used_;
  const std::size_t start = roomy_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < groups_; ++i) {
    const std::size_t group = (start + i) % groups_;
    std::atomic<std::uint32_t>& used = used_in_group_[group];
    if (used.load(std::memory_order_relaxed) >= group_size) continue;
    ++used;
    for (std::size_t slot = group * group_size; slot < (group + 1) * group_size; ++slot) {
      if (!engine::try_claim(slots_[slot], taken)) continue;
      if (group != start) roomy_.store(group, std::memory_order_relaxed);
      return &slots_[slot];
    }
    --used;
  }
  --used_;
  return nullptr;
}

void slot_block::leave(const reader_slot& slot) noexcept {
  const std::size_t group = static_cast<std::size_t>(&slot - slots_.get()) / group_size;
  roomy_.store(group, std::memory_order_relaxed);
  all_.roomy_.store(this, std::memory_order_release);
  --used_in_group_[group];
  --used_;
  --all_.further_used_;
}

reader_slots::~reader_slots() {
  slot_block* at = further_.load(std::memory_order_relaxed);
  while (at != nullptr) {
    const std::unique_ptr<slot_block> owner(at);
    at = at->next.load(std::memory_order_relaxed);
  }
}

pin reader_slots::claim(std::uint64_t epoch) {
  const std::uint64_t taken = (epoch << 1) | 1;
  const unsigned start = first_choice();
  for (unsigned i = 0; i < first_slots; ++i) {
    reader_slot& slot = first_[(start + i) % first_slots];
    if (try_claim(slot, taken)) return pin(&slot);
  }
  return claim_further(taken);
}

pin reader_slots::claim_further(std::uint64_t taken) {
  constexpr std::size_t max_groups = 256;  // in one block
  ++further_used_;
  try {
    const auto claim_from = [&](slot_block* at) -> reader_slot* {
      for (; at != nullptr; at = at->next.load()) {
        reader_slot* const slot = at->try_claim(taken);
        if (slot == nullptr) continue;
        if (roomy_.load(std::memory_order_relaxed) != at) roomy_.store(at);
        return slot;
      }
      return nullptr;
    };
    if (reader_slot* slot = claim_from(roomy_.load())) return pin(slot);
    // The loads of the blocks are sequentially consistent. Otherwise, in the single order that the
    // proof uses, another thread's append of a block need not precede the claim of a slot in it: a
    // scan could miss the block, and this reader could still load the version from before that
    // scan.
    for (std::atomic<slot_block*>* end = &further_;;) {
      slot_block* at = end->load();
      std::size_t groups = 1;
      for (; at != nullptr; at = end->load()) {
        if (reader_slot* slot = at->try_claim(taken)) return pin(slot);
        groups = std::min(2 * at->groups(), max_groups);
        end = &at->next;
      }
      auto fresh = std::make_unique<slot_block>(*this, groups);
      if (end->compare_exchange_strong(at, fresh.get())) static_cast<void>(fresh.release());
    }
  } catch (...) {
    --further_used_;
    throw;
  }
}

}  // namespace buntdb::engine

void buntdb::detail::release_slot::operator()(engine::reader_slot* slot) const noexcept {
  engine::slot_block* const home = slot->home;
  slot->state.store(0, std::memory_order_release);
  if (home != nullptr) home->leave(*slot);
}
