#pragma once

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

}  // namespace buntdb
