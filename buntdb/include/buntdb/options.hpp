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
  /// Whether a compaction that is due may run first, if it takes less than about a tenth of a
  /// second, as after an open. It keeps the file of a program that runs briefly and often from
  /// growing without end. Set it to false if closing must be fast.
  bool may_compact = true;
};

/// How a second process is kept from opening the file.
enum class lock_policy {
  /// By a lock on the file itself (flock). If the file system has no locks, an open for writing
  /// fails.
  required,
  /// By a lock on the file itself, like `required`. If the file system has no locks (as some NFS
  /// and FUSE file systems), a lock in this machine's memory is used instead. Only processes of
  /// this machine and network namespace see it.
  ///
  /// Dangerous: a process on another machine, or in another container, can still open the file, and
  /// the two then destroy each other's commits. Use it only for a file in a folder that no other
  /// user or machine can reach: a copy that another machine saves there may be mistaken for a
  /// leftover file. Any user of this machine can take the lock's name, and so keep you from opening
  /// the file.
  this_machine_only,
};

/// How a database is opened.
struct options {
  /// When commits are synced to the disk.
  sync_policy sync = sync_policy::every_second;
  /// When the file is compacted automatically.
  compaction_policy compaction = {};
  /// What is called when items expire.
  expiry_hooks expiry = {};

  /// The limit of the memory that the items, the indexes and the versions kept by snapshots may
  /// take, in bytes, as counted by statistics::memory_bytes. 0 means no limit. A set that would
  /// exceed the limit throws errc::full. Reads, erasures, expiry and sets with
  /// set_options::beyond_limit still work.
  ///
  /// A larger file can be opened, load() loads a whole copy, and create_index() builds its index;
  /// later sets throw. The process needs more memory than this limit: for indexes that are being
  /// built, for the buffers of commits and compactions, and for free memory of the allocator.
  std::uint64_t max_memory_bytes = 0;

  /// How a second process is kept from opening the file. Ignored by a read-only open.
  lock_policy locking = lock_policy::required;

  /// How long an open waits for another process that has the file open, before it throws
  /// errc::locked. For a server that takes over from another one. Zero means that it does not wait.
  /// Ignored by a read-only open.
  std::chrono::nanoseconds lock_timeout{0};

  /// Opens an existing file for reading. Takes no lock, so another process may have the file open,
  /// and never writes. The database shows what had been written when it was opened, which need not
  /// have been durable.
  bool read_only = false;

  /// Called for every event, with no lock held. If a thread of the application encounters the
  /// event, that thread makes the call; otherwise the thread that calls on_expired does. Exceptions
  /// from it are ignored. It must not use the database.
  ///
  /// If it is empty, a database made by database::open() or database::in_memory() writes a line
  /// `buntdb: KIND: MESSAGE` to standard error, at most once a minute for each kind of event, for
  /// all kinds except ignored_torn_end. The line is dropped if writing to standard error would
  /// block.
  /// `.on_event = buntdb::ignore_event` turns this off.
  std::function<void(const event&)> on_event = {};

  /// The clock that decides what has expired. It must outlive the database. Null means the system's
  /// clock.
  const buntdb::clock* clock = nullptr;
};

}  // namespace buntdb
