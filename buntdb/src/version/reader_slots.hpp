#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <buntdb/pin.hpp>

namespace buntdb::engine {

struct pinned_garbage;

/// Where a reader says which version it reads, so that nothing of it is freed.
struct reader_slot {
  /// 0: free. Odd: (e << 1) | 1, protects every version from e on. Even: (v << 1), protects v.
  alignas(64) std::atomic<std::uint64_t> state{0};
  /// What was retired and kept only because of the version this slot pins. The writers' business,
  /// and away from the reader's cache line.
  alignas(64) pinned_garbage* held = nullptr;
};

/// All slots: a list that only grows. Lock-free; readers never wait for a writer or each other.
class reader_slots {
 public:
  reader_slots() = default;
  reader_slots(const reader_slots&) = delete;
  reader_slots& operator=(const reader_slots&) = delete;
  ~reader_slots();

  /// Takes a free slot and protects every version from epoch on. Throws std::bad_alloc when a new
  /// slot must be made and cannot.
  pin claim(std::uint64_t epoch);

  /// Narrows the protection to one version. Release is enough, as it is for the end of a pin: a
  /// scan that does not see this store sees the claim, which protects more; one that sees it also
  /// sees what the reader did before.
  static void narrow_to(reader_slot& slot, std::uint64_t version) noexcept {
    slot.state.store(version << 1, std::memory_order_release);
  }

  /// Loads the blocks sequentially consistently, as claim() appends and loads them. A block that
  /// the scan does not see is appended after this load, and its slots are claimed after that, so
  /// their readers load the current version after the scan.
  template <class Visitor>
  void for_each(Visitor visitor) {
    for (block* at = &first_; at != nullptr; at = at->next.load()) {
      for (reader_slot& slot : at->slots)
        visitor(slot);
    }
  }

 private:
  struct block {
    std::array<reader_slot, 16> slots;
    std::atomic<block*> next{nullptr};
  };

  block first_;
};

}  // namespace buntdb::engine
