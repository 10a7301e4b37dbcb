#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <buntdb/clock.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// How long an operation took, and how often.
struct duration_histogram {
  /// The upper bounds of the classes of durations; there is one more class for what is longer.
  static constexpr std::array<std::chrono::nanoseconds, 16> bounds{
      std::chrono::microseconds{100},  std::chrono::microseconds{250},
      std::chrono::microseconds{500},  std::chrono::milliseconds{1},
      std::chrono::microseconds{2500}, std::chrono::milliseconds{5},
      std::chrono::milliseconds{10},   std::chrono::milliseconds{25},
      std::chrono::milliseconds{50},   std::chrono::milliseconds{100},
      std::chrono::milliseconds{250},  std::chrono::milliseconds{500},
      std::chrono::seconds{1},         std::chrono::milliseconds{2500},
      std::chrono::seconds{5},         std::chrono::seconds{10}};

  /// How many took at most bounds[i] and more than the bound before it.
  std::array<std::uint64_t, bounds.size() + 1> counts{};
  std::chrono::nanoseconds sum{0};

  constexpr void add(std::chrono::nanoseconds duration) noexcept {
    std::size_t i = 0;
    while (i < bounds.size() && duration > bounds[i])
      ++i;
    ++counts[i];
    sum += duration;
  }
  constexpr std::uint64_t total() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t count : counts)
      all += count;
    return all;
  }
};

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
  std::uint64_t commits = 0;  ///< since the open; of changes, removals of expired items included
  duration_histogram syncs = {};             ///< of the file, since the open; failed ones included
  std::chrono::nanoseconds unsynced_for{0};  ///< how long the oldest commit that is promised a sync
                                             ///< has waited for it; 0 if none waits
  bool writes_stopped = false;            ///< every commit fails until the database is opened again
  std::uint64_t compactions = 0;          ///< since the database was opened
  std::uint64_t compaction_failures = 0;  ///< the same; those that a close ended are none
  bool compaction_due = false;            ///< the policy asks for one, and it has not been done yet
  bool can_compact = true;                ///< false if the file cannot be replaced where it is
  std::optional<time_point> last_sync = {};  ///< by the system's clock; empty before the first
  std::optional<time_point> last_compaction = {};  ///< the same
  std::uint64_t recovered_bytes = 0;               ///< what open() cut off
  std::uint64_t dropped_calls = 0;  ///< of on_expired and on_event: they were too slow
  std::string recovered_to = {};    ///< and where it put them; empty if nothing was cut
};

}  // namespace buntdb
