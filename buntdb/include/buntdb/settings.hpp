#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <buntdb/entry.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

class transaction;

/// Which commits a power cut can undo. If only the process is killed, no commit that returned is
/// lost, under any of these policies.
enum class sync_policy {
  never,  ///< The operating system decides when to sync: anything since the last sync may be lost.
  /// Syncs in the background: about the last second of commits may be lost, never more than the
  /// last three.
  every_second,
  always,  ///< A commit returns when it is on disk: nothing can be lost.
};

/// When the file is compacted automatically: when it has at least `at_least_bytes` bytes and is
/// `growth` times as large as its live items would be in a new file.
struct compaction_policy {
  /// Whether the file is compacted automatically at all.
  bool automatic = true;
  double growth = 2.0;  ///< The ratio of the file's size to that of its live items. At least 1.1.
  /// The least size of the file, in bytes: 32 MiB.
  std::uint64_t at_least_bytes = std::uint64_t{32} << 20U;
};

/// An item that has expired and was removed.
struct expired_item {
  /// The key of the item.
  std::string key;
  /// The value of the item.
  std::string value;
};

/// What is called when items expire, in addition to their removal. Removal happens at most a second
/// after the expiry. An exception from either function is reported as an event and changes nothing
/// else. Neither function is called for items that expired while the database was closed or
/// read-only.
struct expiry_hooks {
  /// Called after some items were removed, by a separate thread of the database, with no lock held.
  /// It may use the database. The database does not wait for it: while it runs, up to 1,024 calls
  /// (or 16 MiB of items) are queued. Calls that do not fit are dropped, counted
  /// (statistics::dropped_calls) and reported as an event.
  std::function<void(std::span<const expired_item>)> on_expired = {};

  /// Called in the transaction that is about to remove the item, one transaction for each item.
  /// What it changes is committed together with the removal. If it throws, neither happens. If it
  /// sets the key again, the item stays. It must use the database through this transaction only.
  /// While it runs, other transactions wait, and so does the removal of other expired items. Syncs,
  /// the check of the file and the freeing of memory continue.
  std::function<void(const entry&, transaction&)> on_expired_sync = {};
};

/// The options that can be changed while the database is open; see database::change().
struct settings {
  /// When commits are synced to the disk.
  sync_policy sync = sync_policy::every_second;
  /// When the file is compacted automatically.
  compaction_policy compaction = {};
  /// What is called when items expire.
  expiry_hooks expiry = {};
  /// The limit of memory, in bytes; see options::max_memory_bytes.
  std::uint64_t max_memory_bytes = 0;
};

}  // namespace buntdb
