#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

enum class event_kind {
  recovered,          ///< open() cut a torn end off the file; the message says where it is kept
  ignored_torn_end,   ///< a read-only open left a torn end of the file out
  sync_failed,        ///< the database now refuses writes
  compaction_failed,  ///< the file is as it was; the next attempt comes half a minute later, and
                      ///< none by itself if the file cannot be replaced where it is
  background_failed,  ///< the removal of expired items failed and will be tried again
  close_failed,       ///< the destructor could not sync or seal the file
  foreign_file,       ///< open() found a file that another program has written, or rewritten, as a
                      ///< whole, as BuntDB's Shrink does: persistent indexes are not in it any more
  index_not_restored,  ///< the file keeps an index that this version does not
                       ///< understand, or a unique one whose items are equal
  callback_failed,     ///< a hook of expiry, or a function given to commit_then(), threw
  calls_dropped,   ///< on_expired or on_event were too slow: this many calls did not fit the queue
  file_exposed,    ///< open(): other users of the machine may read or write the file
  cannot_compact,  ///< open(): the file cannot be replaced where it is; the message says what to do
  file_lost,  ///< another program removed, replaced, cut or wrote to the file: writes are refused
};

inline constexpr std::size_t event_kind_count = 13;

/// As in the enumeration, for logs and metrics.
std::string_view name_of(event_kind kind) noexcept;

/// Something that happened where no caller could be told by an exception.
struct event {
  event_kind kind{};
  std::error_code code;  ///< the cause, if it was an error
  std::string message;   ///< one line; escaped as error::what() is
};

/// For options::on_event: events are told to nobody, and nothing is written to standard error.
inline void ignore_event(const event&) noexcept {}

}  // namespace buntdb
