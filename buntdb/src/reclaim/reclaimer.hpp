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

/// Frees what no reader can see any more. Used by the holder of the writer's lock only.
///
/// An object born in version b and retired by version r is seen by the readers of the versions
/// b ≤ v < r. When r is published, the object goes to the greatest pinned version below r, if that
/// is at least b; when that version is no longer pinned, to the next lower one; otherwise it is
/// freed. So a snapshot held for long costs one old copy of what changed since, however often it
/// changed.
///
/// Why a reader is never too late: it loads the epoch e, looks for a slot (which loads and may
/// append chunks of slots), claims it with "from e on", loads the current version v, and narrows
/// the slot to v. The publisher of r stores the current version, then the epoch. Then the holder of
/// the writer's lock, to whom the pipeline's mutex hands r over, scans the chunks and their slots.
/// All of these but the narrowing are sequentially consistent: there is one order of them all, in
/// which those of each thread come one after the other.
///
/// Either the claim comes before the scan's load of the slot. Then the scan sees the claim, or what
/// followed it: the narrowed slot, or one that was freed since. If it sees the claim and e < r, it
/// waits with what r retired. If e >= r, the reader has seen the epoch of r, and loads r or later.
///
/// Or the claim comes after the scan's load of the slot, or the scan does not come to the slot: it
/// ends at a chunk before that of the slot was appended, and the reader has loaded the appended
/// chunk, or has appended it. In both cases the reader's load of the current version comes after
/// the publisher's store: it loads r or later.
///
/// A scan may skip slots: those of a group, block or list whose count of claims it loads as 0. The
/// count is raised before the claim. Either that comes before the scan's load of the count, which
/// then is not 0, unless the slot was freed since; or it comes after it, and so do the claim and
/// the reader's load of the current version.
///
/// A narrowed or freed slot is stored with release, and the scan's load acquires it: what its
/// reader read before happens before any of it is freed. So it is if another reader has claimed the
/// slot since, for a claim reads what freed the slot and replaces it in one step.
class reclaimer {
 public:
  explicit reclaimer(pool& memory) noexcept : memory_(memory), deferred_(memory) {}
  reclaimer(const reclaimer&) = delete;
  reclaimer& operator=(const reclaimer&) = delete;
  ~reclaimer();

  /// Takes over what a version that was just published has retired, and its predecessor.
  void retire(version* published) noexcept { published_.push_back(published); }

  /// Takes over a tree of an index that nobody has seen, with all that is in it.
  void free_later(retirable* root) noexcept { deferred_.add(root); }

  /// Frees what can be freed, looking at no more than budget objects. True if it stopped because of
  /// the budget. Without memory for its own notes it does nothing, and is called again later.
  bool collect(reader_slots& slots, std::uint64_t budget) noexcept;

  /// Versions that some reader had pinned when last looked at.
  std::uint64_t pinned() const noexcept { return pins_.size(); }

  /// A version to fill: a used one if there is one. Throws std::bad_alloc.
  version* make_version();
  void free_version(version* version) noexcept;

  /// Frees the version that nothing follows, with all its items and indexes. Nobody reads any more.
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
  pinned_garbage* unpinned_ = nullptr;  // their pin is gone
  std::vector<pin> pins_;               // ascending, one slot for each version
  version_chain spare_;                 // versions to use again
  unsigned spare_count_ = 0;
};

}  // namespace buntdb::engine
