#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <buntdb/clock.hpp>
#include <buntdb/event.hpp>
#include <buntdb/settings.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// How a database is closed.
struct close_options {
  /// Whether a compaction that is due is done first if it takes less than about a tenth of a
  /// second, as after an open: so the file of a program that runs briefly and often does not grow
  /// for ever. False where time matters.
  bool may_compact = true;
};

/// What keeps a second process away from the file.
enum class lock_policy {
  /// The file's own lock (flock). Where the file system has none, an open that may write fails.
  required,
  /// The same; where the file system has no locks (some NFS and FUSE), a lock in the machine's own
  /// memory instead, which only processes of this machine and network namespace see. Dangerous: a
  /// process on another machine, or in another container, opens the file all the same, and the two
  /// destroy each other's commits. Only for a file in a folder that nobody else can reach: a copy
  /// that another machine saves there may be taken for a leftover. Any user of this machine can
  /// take
  /// the lock's name, and so keep the file from being opened.
  this_machine_only,
};

/// How a database is opened.
struct options {
  sync_policy sync = sync_policy::every_second;
  compaction_policy compaction = {};
  expiry_hooks expiry = {};

  /// How much memory the items, the indexes and what snapshots keep may take, in bytes, as
  /// statistics::memory_bytes counts it; 0 is without a limit. A set beyond it throws errc::full.
  /// Reads, erasures, expiry and sets with set_options::beyond_limit go on. A file with more than
  /// that opens all the same, load() takes a copy whole, and create_index() builds its index; then
  /// sets throw. The process needs more than this: indexes that are being built, the
  /// buffers of commits and compactions, and what the allocator has free.
  std::uint64_t max_memory_bytes = 0;

  /// Ignored by an open that only reads.
  lock_policy locking = lock_policy::required;

  /// How long an open waits for another process that has the file open, before it throws
  /// errc::locked: for a server that takes over from another one. Zero: not at all. Ignored by an
  /// open that only reads.
  std::chrono::nanoseconds lock_timeout{0};

  /// Opens an existing file for reading: takes no lock, so that the file may be in use, and never
  /// writes. It shows what was written when it was opened, which need not have been durable.
  bool read_only = false;

  /// Called for every event, with no lock held: by the thread that met it if that is the
  /// application's own, or else by the thread that calls on_expired. What it throws is ignored. It
  /// must not use the database.
  ///
  /// Empty: a database that was opened by database::open() or database::in_memory() writes
  /// `buntdb: KIND: MESSAGE` to standard error, of each kind at most once a minute, for all kinds
  /// but ignored_torn_end. The line is left out if standard error would block.
  /// `.on_event = buntdb::ignore_event` switches that off.
  std::function<void(const event&)> on_event = {};

  /// Must outlive the database. Null: the system's.
  const buntdb::clock* clock = nullptr;
};

}  // namespace buntdb
