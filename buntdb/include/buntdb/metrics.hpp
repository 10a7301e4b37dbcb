#pragma once

#include <span>
#include <string>
#include <string_view>

#include <buntdb/statistics.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// One database's figures among others'.
struct named_statistics {
  std::string_view name{};  ///< UTF-8; the label `database`, if it is not empty
  const statistics* figures = nullptr;
};

/// The figures of database::stats() in Prometheus's text format (version 0.0.4), to be served as
/// `text/plain; version=0.0.4; charset=utf-8`:
///
/// - of the data: buntdb_items, buntdb_pinned_versions;
/// - of memory: buntdb_memory_bytes, buntdb_reserved_bytes, and buntdb_max_memory_bytes where there
///   is a limit;
/// - of the file: buntdb_file_bytes, buntdb_live_bytes, buntdb_dead_bytes, buntdb_recovered_bytes;
/// - of commits: buntdb_commits_total, the histogram buntdb_sync_seconds, buntdb_unsynced_seconds,
///   buntdb_writes_stopped, and, once there has been one, buntdb_last_sync_timestamp_seconds;
/// - of compactions: buntdb_compactions_total, buntdb_compaction_failures_total,
///   buntdb_compaction_due, buntdb_can_compact, and, once there has been one,
///   buntdb_last_compaction_timestamp_seconds;
/// - of events: buntdb_dropped_calls_total.
std::string to_prometheus(const statistics& figures);

/// The same for several databases of one process, each with a label `database` of its own.
std::string to_prometheus(std::span<const named_statistics> databases);

}  // namespace buntdb
