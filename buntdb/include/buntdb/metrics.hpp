#pragma once

#include <span>
#include <string>
#include <string_view>

#include <buntdb/statistics.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The figures of one of several databases.
struct named_statistics {
  std::string_view name{};  ///< the label `database` in UTF-8; empty: no label
  /// The figures; must not be null.
  const statistics* figures = nullptr;
};

/// Returns the figures of database::stats() in Prometheus's text format (version 0.0.4). Serve them
/// as `text/plain; version=0.0.4; charset=utf-8`.
///
/// - data: buntdb_items, buntdb_pinned_versions;
/// - memory: buntdb_memory_bytes, buntdb_reserved_bytes, and, if there is a limit,
///   buntdb_max_memory_bytes;
/// - file: buntdb_file_bytes, buntdb_live_bytes, buntdb_dead_bytes, buntdb_recovered_bytes;
/// - commits: buntdb_commits_total, the histogram buntdb_sync_seconds, buntdb_unsynced_seconds,
///   buntdb_writes_stopped, and, after the first sync, buntdb_last_sync_timestamp_seconds;
/// - compactions: buntdb_compactions_total, buntdb_compaction_failures_total,
///   buntdb_compaction_due, buntdb_can_compact, and, after the first compaction,
///   buntdb_last_compaction_timestamp_seconds;
/// - events: buntdb_dropped_calls_total.
std::string to_prometheus(const statistics& figures);

/// Returns the same for several databases of one process, each with its own label `database`.
std::string to_prometheus(std::span<const named_statistics> databases);

}  // namespace buntdb
