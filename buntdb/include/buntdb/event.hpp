#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// The kinds of event.
enum class event_kind {
  recovered,         ///< open() cut a torn end off the file. The message says where it is kept.
  ignored_torn_end,  ///< A read-only open ignored a torn end of the file.
  sync_failed,       ///< a sync failed; the database now refuses writes
  /// A compaction failed. The file is as before. The next attempt is made after half a minute; if
  /// the file cannot be replaced where it is, none is made automatically.
  compaction_failed,
  background_failed,  ///< The removal of expired items failed and will be tried again.
  close_failed,       ///< the destructor could not sync or seal the file
  /// open() found a file that another program has written or rewritten as a whole, as BuntDB's
  /// Shrink does. It no longer contains persistent indexes.
  foreign_file,
  /// The file defines an index that this version does not understand, or a unique index for which
  /// two items are equal.
  index_not_restored,
  callback_failed,  ///< An expiry hook, or a function passed to commit_then(), threw an exception.
  calls_dropped,  ///< on_expired or on_event took too long: this many calls did not fit the queue.
  file_exposed,   ///< open() found that other users of the machine may read or write the file.
  /// open() found that the file cannot be replaced where it is. The message says what to do.
  cannot_compact,
  file_lost,  ///< Another program removed, replaced, cut or wrote to the file. Writes are refused.
};

/// The number of kinds.
inline constexpr std::size_t event_kind_count = 13;

/// Returns the name of the enumerator, for logs and metrics.
std::string_view name_of(event_kind kind) noexcept;

/// Something that happened where no exception could reach a caller.
struct event {
  /// What happened.
  event_kind kind{};
  std::error_code code;  ///< the cause, if it was an error
  std::string message;   ///< one line, escaped as error::what() is
};

/// A function for options::on_event that ignores all events. Nothing is written to standard error
/// then.
inline void ignore_event(const event&) noexcept {}

}  // namespace buntdb
