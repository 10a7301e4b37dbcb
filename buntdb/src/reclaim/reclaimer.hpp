#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "memory/pool.hpp"
#include "reclaim/deferred_free.hpp"
#include "version/reader_slots.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// What one pinned version keeps from being freed.
struct pinned_garbage {
  std::uint64_t pin = 0;
  item_chain items;
  retired_chain others;
  version_chain versions;
  pinned_garbage* next = nullptr;

  bool empty() const noexcept { return items.empty() && others.empty() && versions.empty(); }
};

/// Frees what no reader can see any more. Used only by the holder of the writer's lock.
///
/// An object born in version b and retired by version r is visible to the readers of the versions b
/// ≤ v < r. When r is published, the object goes to the greatest pinned version below r, if that is
/// at least b. When that version is no longer pinned, the object goes to the next lower one in the
/// same way. If there is none, it is freed. So a snapshot that is kept for long costs one old copy
/// of each object that changed since, however often it changed.
///
/// Why a reader is never too late: the reader loads the epoch e, looks for a slot (which loads and
/// may append blocks of slots), claims it with "from e on", loads the current version v, and
/// narrows the slot to v. The publisher of r stores the current version, then the epoch. Then the
/// holder of the writer's lock, which receives r through the pipeline's mutex, scans the blocks and
/// their slots. All of these operations except the narrowing are sequentially consistent: there is
/// a single order of them all in which the operations of each thread appear in program order.
///
/// Case 1: the claim comes before the scan's load of the slot. Then the scan sees the claim or what
/// followed it: the narrowed slot, or a slot that was freed since. If it sees the claim and e < r,
/// it keeps what r retired for later. If e >= r, the reader has seen the epoch of r and loads r or
/// a later version.
///
/// Case 2: the claim comes after the scan's load of the slot, or the scan does not reach the slot
/// because it ended before the slot's block was appended; the reader has loaded that block or has
/// appended it. In both situations the reader's load of the current version comes after the
/// publisher's store, so it loads r or a later version.
///
/// A scan may skip slots: those of a group, block or list whose count of claims it loads as 0. The
/// count is incremented before the claim. Either the increment comes before the scan's load of the
/// count, which then is not 0 unless the slot was freed since; or it comes after that load, and so
/// do the claim and the reader's load of the current version.
///
/// A narrowed or freed slot is stored with release order, and the scan's load acquires it: what its
/// reader read happens before any of it is freed. This also holds if another reader has claimed the
/// slot since, because a claim reads the value that freed the slot and replaces it in one step.
class reclaimer {
 public:
  explicit reclaimer(pool& memory) noexcept : memory_(memory), deferred_(memory) {}
  reclaimer(const reclaimer&) = delete;
  reclaimer& operator=(const reclaimer&) = delete;
  ~reclaimer();

  /// Takes over what a newly published version has retired, and its predecessor.
  void retire(version* published) noexcept { published_.push_back(published); }

  /// Takes over a tree of an index that no reader has seen, with everything in it.
  void free_later(retirable* root) noexcept { deferred_.add(root); }

  /// Frees what can be freed, examining at most `budget` objects. Returns true if it stopped
  /// because of the budget. If there is no memory for its own lists, it does nothing; call it again
  /// later.
  bool collect(reader_slots& slots, std::uint64_t budget) noexcept;

  /// Returns the number of versions that were pinned at the last scan.
  std::uint64_t pinned() const noexcept { return pins_.size(); }

  /// Returns a version to fill, reusing an old one if possible. Throws std::bad_alloc.
  version* make_version();
  void free_version(version* version) noexcept;

  /// Frees the last version, with all its items and indexes. There must be no readers any more.
  void free_last(version* last, reader_slots& slots) noexcept;

 private:
  using pin = std::pair<std::uint64_t, reader_slot*>;

  std::uint64_t scan(reader_slots& slots);
  pinned_garbage* holder(std::uint64_t born, std::uint64_t newest);
  bool sort_out(item_chain& items, retired_chain& others, std::uint64_t newest,
                std::uint64_t& budget);
  bool distribute(version& published, std::uint64_t& budget);
  bool examine(pinned_garbage& garbage, std::uint64_t& budget);

  pool& memory_;
  deferred_free deferred_;
  version_chain published_;             // oldest first; what they retired waits for a scan
  pinned_garbage* unpinned_ = nullptr;  // garbage whose version is no longer pinned
  std::vector<pin> pins_;               // ascending, one slot for each version
  version_chain spare_;                 // versions to reuse
  unsigned spare_count_ = 0;
};

}  // namespace buntdb::engine
