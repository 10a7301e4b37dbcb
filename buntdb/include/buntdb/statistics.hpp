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

/// How often an operation was done and how long it took.
struct duration_histogram {
  /// The upper bounds of the classes of durations. One more class counts everything longer.
  static constexpr std::array<std::chrono::nanoseconds, 16> bounds{
      std::chrono::microseconds{100},  std::chrono::microseconds{250},
      std::chrono::microseconds{500},  std::chrono::milliseconds{1},
      std::chrono::microseconds{2500}, std::chrono::milliseconds{5},
      std::chrono::milliseconds{10},   std::chrono::milliseconds{25},
      std::chrono::milliseconds{50},   std::chrono::milliseconds{100},
      std::chrono::milliseconds{250},  std::chrono::milliseconds{500},
      std::chrono::seconds{1},         std::chrono::milliseconds{2500},
      std::chrono::seconds{5},         std::chrono::seconds{10}};

  /// counts[i] is how many operations took at most bounds[i] and more than the bound before it.
  std::array<std::uint64_t, bounds.size() + 1> counts{};
  /// The sum of all durations.
  std::chrono::nanoseconds sum{0};

  /// Adds one operation.
  constexpr void add(std::chrono::nanoseconds duration) noexcept {
    std::size_t i = 0;
    while (i < bounds.size() && duration > bounds[i])
      ++i;
    ++counts[i];
    sum += duration;
  }
  /// Returns the number of operations.
  constexpr std::uint64_t total() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t count : counts)
      all += count;
    return all;
  }
};

/// Figures about a database at one moment.
struct statistics {
  std::uint64_t items = 0;  ///< number of items, including those expired but not yet removed
  /// Bytes taken by items, nodes and versions, without the allocator's overhead.
  std::uint64_t memory_bytes = 0;
  std::uint64_t max_memory_bytes = 0;  ///< the limit of memory_bytes; 0: no limit
  std::uint64_t memory_blocks = 0;     ///< the number of allocations in memory_bytes
  /// Bytes that the database's memory pool has obtained from the system.
  std::uint64_t reserved_bytes = 0;
  std::uint64_t file_bytes = 0;  ///< the size of the file; 0 in memory
  /// The bytes that the items would take in a new file. The rest of the file is dead.
  std::uint64_t live_bytes = 0;
  std::uint64_t pinned_versions = 0;  ///< the number of versions that snapshots keep
  /// The number of commits with changes since the open, including removals of expired items.
  std::uint64_t commits = 0;
  duration_histogram syncs = {};  ///< syncs of the file since the open, including failed ones
  /// How long the oldest commit that is promised a sync has waited for it; 0 if none waits.
  std::chrono::nanoseconds unsynced_for{0};
  bool writes_stopped = false;  ///< Whether every commit fails until the database is opened again.
  std::uint64_t compactions = 0;  ///< since the database was opened
  /// The number since the database was opened. Compactions that close() interrupted do not count.
  std::uint64_t compaction_failures = 0;
  /// Whether the policy asks for a compaction that has not been done yet.
  bool compaction_due = false;
  bool can_compact = true;                   ///< false if the file cannot be replaced where it is
  std::optional<time_point> last_sync = {};  ///< by the system's clock; empty before the first
  /// By the system's clock; empty before the first.
  std::optional<time_point> last_compaction = {};
  std::uint64_t recovered_bytes = 0;  ///< the bytes that open() cut off the file
  /// The number of calls of on_expired and on_event that were dropped because earlier calls took
  /// too long.
  std::uint64_t dropped_calls = 0;
  /// The path of the file to which open() moved those recovered_bytes; empty if nothing was cut
  /// off.
  std::string recovered_to = {};
};

}  // namespace buntdb
