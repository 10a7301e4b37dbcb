#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <buntdb/entry.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

class transaction;

/// What a power cut can take back. A killed process loses no commit that returned, under any of
/// them.
enum class sync_policy {
  never,         ///< the operating system decides when: anything since the last sync may be lost
  every_second,  ///< in the background: about the last second, never more than three
  always,        ///< a commit returns when it is on disk: nothing
};

/// When the file is compacted by itself: when it has at least `at_least_bytes`, and is `growth`
/// times as large as its live items would be in a new file.
struct compaction_policy {
  bool automatic = true;
  double growth = 2.0;                                      ///< at least 1.1
  std::uint64_t at_least_bytes = std::uint64_t{32} << 20U;  ///< 32 MiB
};

/// An item that has expired and was removed.
struct expired_item {
  std::string key;
  std::string value;
};

/// What happens when items expire, besides their removal, which is at most a second later. An
/// exception is reported as an event and changes nothing else. Neither function is called for what
/// had expired when the database was closed or read-only.
struct expiry_hooks {
  /// After the removal of a few items, on a thread of the database's own for such calls, with no
  /// lock held; it may use the database. Nothing waits for it: while it runs, up to 1,024 calls (or
  /// 16 MiB of items) wait for it, and what does not fit is dropped, counted
  /// (statistics::dropped_calls) and reported.
  std::function<void(std::span<const expired_item>)> on_expired = {};

  /// In the transaction that is about to remove the item, one transaction for each: what it changes
  /// happens together with the removal, or not at all if it throws. Setting the key anew keeps the
  /// item. It must not use the database but through the transaction. While it runs, other
  /// transactions wait, and so does the removal of other expired items; syncs, the check of the
  /// file and the freeing of memory do not.
  std::function<void(const entry&, transaction&)> on_expired_sync = {};
};

/// What can be changed while the database runs: database::change().
struct settings {
  sync_policy sync = sync_policy::every_second;
  compaction_policy compaction = {};
  expiry_hooks expiry = {};
  /// See options::max_memory_bytes.
  std::uint64_t max_memory_bytes = 0;
};

}  // namespace buntdb
