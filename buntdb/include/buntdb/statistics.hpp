#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <buntdb/clock.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// Figures about a database at one moment.
struct statistics {
  std::uint64_t items = 0;         ///< those expired but not yet removed included
  std::uint64_t memory_bytes = 0;  ///< items, nodes and versions; without the allocator's overhead
  std::uint64_t max_memory_bytes = 0;  ///< what memory_bytes may be; 0: without a limit
  std::uint64_t memory_blocks = 0;     ///< how many allocations that is
  std::uint64_t reserved_bytes = 0;    ///< what the database's pool of memory has from the system
  std::uint64_t file_bytes = 0;        ///< 0 in memory
  std::uint64_t live_bytes = 0;       ///< what the items would take in a new file; the rest is dead
  std::uint64_t pinned_versions = 0;  ///< that snapshots keep
  std::uint64_t compactions = 0;      ///< since the database was opened
  bool compaction_due = false;        ///< the policy asks for one, and it has not been done yet
  bool can_compact = true;            ///< false if the file cannot be replaced where it is
  std::optional<time_point> last_sync = {};  ///< by the system's clock; empty before the first
  std::optional<time_point> last_compaction = {};  ///< the same
  std::uint64_t recovered_bytes = 0;               ///< what open() cut off
  std::uint64_t dropped_calls = 0;  ///< of on_expired and on_event: they were too slow
  std::string recovered_to = {};    ///< and where it put them; empty if nothing was cut
};

}  // namespace buntdb
