#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <buntdb/detail/pin.hpp>

namespace buntdb::engine {

class slot_block;
struct pinned_garbage;

/// The slot in which a reader announces the version that it reads, so that nothing of it is freed.
struct reader_slot {
  /// 0: free. Odd, (e << 1) | 1: protects every version from e on. Even, v << 1: protects version
  /// v.
  alignas(64) std::atomic<std::uint64_t> state{0};
  slot_block* home = nullptr;  ///< null: in the first block, which counts nothing
  /// Objects that were retired but are kept because of the version that this slot pins. Only
  /// writers use it, so it is in a different cache line from the reader's.
  alignas(64) pinned_garbage* held = nullptr;
};

/// All slots: a list of blocks that only grows. Lock-free; readers never wait for a writer or for
/// each other.
///
/// The first block is enough for most programs, and costs a reader one compare-and-swap. Further
/// blocks count their claims, so that a scan skips blocks that are not in use: after a burst of
/// many snapshots, they cost a commit one load.
class reader_slots {
 public:
  reader_slots() = default;
  reader_slots(const reader_slots&) = delete;
  reader_slots& operator=(const reader_slots&) = delete;
  ~reader_slots();

  /// Claims a free slot and protects every version from `epoch` on. Throws std::bad_alloc if a new
  /// block is needed and cannot be made.
  pin claim(std::uint64_t epoch);

  /// Narrows the protection to one version. Release order is sufficient, as it is for the end of a
  /// pin: a scan that does not see this store sees the claim, which protects more; a scan that sees
  /// it also sees what the reader did before.
  static void narrow_to(reader_slot& slot, std::uint64_t version) noexcept {
    slot.state.store(version << 1, std::memory_order_release);
  }

  /// For the holder of the writer's lock. visitor(slot) returns whether the slot is in use or holds
  /// objects; then the next scan visits it again, even if it has not been claimed since.
  ///
  /// The counts and blocks are loaded sequentially consistently, as claim() changes and appends
  /// them. Slots that a scan skips are claimed after its load of the count. A block that it does
  /// not see is appended after its load, and its slots are claimed after that. So in both cases the
  /// readers load the current version after the scan.
  template <class Visitor>
  void for_each(Visitor visitor);

 private:
  friend class slot_block;

  pin claim_further(std::uint64_t taken);

  static constexpr std::size_t first_slots = 16;

  std::array<reader_slot, first_slots> first_;
  std::atomic<slot_block*> further_{nullptr};
  std::atomic<slot_block*> roomy_{nullptr};     // the block that had room last
  std::atomic<std::uint64_t> further_used_{0};  // claims in further_, counted before they are made
  bool further_clear_ = true;  // no slot in further_ needs a visit; only writers use it
};

/// Slots in groups of 16. A count is incremented before a slot is claimed and decremented after it
/// was freed, so it is never less than the number of slots in use.
class slot_block {
 public:
  slot_block(reader_slots& all, std::size_t groups);
  slot_block(const slot_block&) = delete;
  slot_block& operator=(const slot_block&) = delete;

  /// Returns null if there is no room.
  reader_slot* try_claim(std::uint64_t taken) noexcept;
  /// Call it after the slot was freed.
  void leave(const reader_slot& slot) noexcept;
  /// Returns whether any slot must be visited again.
  template <class Visitor>
  bool for_each(Visitor& visitor);

  std::size_t groups() const noexcept { return groups_; }
  std::atomic<slot_block*> next{nullptr};

 private:
  static constexpr std::size_t group_size = 16;

  reader_slots& all_;
  const std::size_t groups_;
  const std::unique_ptr<reader_slot[]> slots_;
  const std::unique_ptr<std::atomic<std::uint32_t>[]> used_in_group_;
  // For each group: no slot needs a visit; only writers use it.
  const std::unique_ptr<bool[]> clear_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> roomy_{0};  // the group that had room last
};

template <class Visitor>
bool slot_block::for_each(Visitor& visitor) {
  bool visit_again = false;
  for (std::size_t group = 0; group < groups_; ++group) {
    if (used_in_group_[group].load() == 0 && clear_[group]) continue;
    bool clear = true;
    for (std::size_t i = 0; i < group_size; ++i) {
      if (visitor(slots_[group * group_size + i])) clear = false;
    }
    clear_[group] = clear;
    visit_again = visit_again || !clear;
  }
  return visit_again;
}

template <class Visitor>
void reader_slots::for_each(Visitor visitor) {
  for (reader_slot& slot : first_)
    visitor(slot);
  if (further_used_.load() == 0 && further_clear_) return;
  further_clear_ = true;
  for (slot_block* at = further_.load(); at != nullptr; at = at->next.load()) {
    if (at->for_each(visitor)) further_clear_ = false;
  }
}

}  // namespace buntdb::engine
