#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <buntdb/clock.hpp>
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

/// Something that happened where no caller could be told by an exception.
struct event {
  enum class kind {
    recovered,           ///< open() cut a torn end off the file; the message says where it is kept
    ignored_torn_end,    ///< a read-only open left a torn end of the file out
    sync_failed,         ///< the database now refuses writes
    compaction_failed,   ///< the file is as it was; the next attempt comes half a minute later
    background_failed,   ///< the removal of expired items failed and will be tried again
    close_failed,        ///< the destructor could not sync or seal the file
    index_not_restored,  ///< the file keeps an index that this version does not understand
    callback_failed,     ///< a hook of expiry, or a function given to commit_then(), threw
    calls_dropped,  ///< on_expired or on_event were too slow: this many calls did not fit the queue
    file_lost,  ///< another program removed, replaced, cut or wrote to the file: writes are refused
  };

  event::kind what;
  std::error_code code;  ///< the cause, if it was an error
  std::string message;
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
};

/// Some of the settings: what is empty stays as it is.
struct settings_change {
  std::optional<sync_policy> sync = {};
  std::optional<bool> compact_automatically = {};
  std::optional<double> compaction_growth = {};
  std::optional<std::uint64_t> compaction_at_least_bytes = {};
  std::optional<std::function<void(std::span<const expired_item>)>> on_expired = {};
  std::optional<std::function<void(const entry&, transaction&)>> on_expired_sync = {};
};

/// How a database is opened.
struct options {
  sync_policy sync = sync_policy::every_second;
  compaction_policy compaction = {};
  expiry_hooks expiry = {};

  /// Opens an existing file for reading: takes no lock, so that the file may be in use, and never
  /// writes. It shows what was written when it was opened, which need not have been durable.
  bool read_only = false;

  /// Called for every event, with no lock held: by the thread that met it if that is the
  /// application's own, or else by the thread that calls on_expired. What it throws is ignored. It
  /// must not use the database.
  std::function<void(const event&)> on_event = {};

  /// Must outlive the database. Null: the system's.
  const buntdb::clock* clock = nullptr;
};

/// The time to live of an item that does not expire.
inline constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

/// How an item is stored.
struct set_options {
  /// From the beginning of the transaction. Zero or less: the item has expired already.
  std::optional<std::chrono::nanoseconds> ttl = {};
  /// Instead of ttl; naming both is errc::invalid_argument. In the file it has whole seconds,
  /// rounded down: after a reopen the item may end up to a second early, never late.
  /// time_point::max() is never.
  std::optional<time_point> expires_at = {};
};

/// From where to where a range goes, whichever its direction. Bounds are copied into the range. Of
/// two lower (or two upper) bounds the narrower one counts.
struct bounds {
  std::optional<std::string_view> at_least = {};
  std::optional<std::string_view> greater_than = {};
  std::optional<std::string_view> at_most = {};
  std::optional<std::string_view> less_than = {};
};

/// Figures about a database at one moment.
struct statistics {
  std::uint64_t items = 0;          ///< those expired but not yet removed included
  std::uint64_t memory_bytes = 0;   ///< items, nodes and versions; without the allocator's overhead
  std::uint64_t memory_blocks = 0;  ///< how many allocations that is
  std::uint64_t reserved_bytes = 0;   ///< what the database's pool of memory has from the system
  std::uint64_t file_bytes = 0;       ///< 0 in memory
  std::uint64_t live_bytes = 0;       ///< what the items would take in a new file; the rest is dead
  std::uint64_t pinned_versions = 0;  ///< that snapshots keep
  std::uint64_t compactions = 0;      ///< since the database was opened
  std::optional<time_point> last_sync = {};  ///< by the system's clock; empty before the first
  std::optional<time_point> last_compaction = {};  ///< the same
  std::uint64_t recovered_bytes = 0;               ///< what open() cut off
  std::uint64_t dropped_calls = 0;  ///< of on_expired and on_event: they were too slow
  std::string recovered_to = {};    ///< and where it put them; empty if nothing was cut
};

}  // namespace buntdb
