#include "version/reader_slots.hpp"

#include <memory>

namespace buntdb::engine {

namespace {

/// Where this thread begins to look, so that threads that read at once meet different slots.
unsigned first_choice() noexcept {
  static std::atomic<unsigned> threads{0};
  thread_local const unsigned choice = threads.fetch_add(1, std::memory_order_relaxed);
  return choice;
}

}  // namespace

void release_slot::operator()(reader_slot* slot) const noexcept {
  slot->state.store(0, std::memory_order_release);
}

reader_slots::~reader_slots() {
  block* at = first_.next.load(std::memory_order_relaxed);
  while (at != nullptr) {
    const std::unique_ptr<block> owner(at);
    at = at->next.load(std::memory_order_relaxed);
  }
}

pin reader_slots::claim(std::uint64_t epoch) {
  const std::uint64_t taken = (epoch << 1) | 1;
  const unsigned start = first_choice();
  block* at = &first_;
  for (;;) {
    for (unsigned i = 0; i < at->slots.size(); ++i) {
      reader_slot& slot = at->slots[(start + i) % at->slots.size()];
      std::uint64_t free = 0;
      // The exchange is sequentially consistent, like the load of the current version that follows
      // and the writer's scan: see the proof in reclaimer.hpp. The load before it only saves an
      // exchange that would fail, and proves nothing.
      if (slot.state.load(std::memory_order_relaxed) == 0 &&
          slot.state.compare_exchange_strong(free, taken)) {
        return pin(&slot);
      }
    }
    // Sequentially consistent, too. Otherwise, the append of the block by another thread need not
    // come before the claim of a slot in it in the single order that the proof goes by: a scan
    // could miss the block, and this reader could still load the version from before that scan.
    block* next = at->next.load();
    if (next == nullptr) {
      auto fresh = std::make_unique<block>();
      if (at->next.compare_exchange_strong(next, fresh.get())) next = fresh.release();
    }
    at = next;
  }
}

}  // namespace buntdb::engine
