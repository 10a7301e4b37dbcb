#pragma once

#include "redis/protocol/script.hpp"

namespace scs::stores::redis_detail {

/// KEYS[1]: a record. ARGV: the expected revision, or nothing if there must be no record; the new
/// revision; expiry; user; the time until which this commit made sure of the user's index entry, or
/// record_format::never; the user's size as in the record; payload; not empty if the record is to
/// be stored even if the server is out of memory.
/// A record that has expired by the server's clock is deleted, also without memory.
/// Returns a commit_answer; or, when it is committed and the record before was another user's or
/// has been deleted, an array of that record's user and the time of the index entry in it.
const script& commit_script();

enum class commit_answer : int {
  committed = 1,
  conflict = 2,
  gone = 3,
  /// Nothing was changed: the user's index needs an entry that lasts as long as the record.
  index_first = 4,
};

/// KEYS[1]: a record. ARGV: expiry; the user whose index entry was made sure of, and until when, or
/// empty and record_format::never; not empty if the answer waits for replicas. Returns 0 if absent,
/// 1 if done, or the user whose index entry does not last long enough (nothing was changed).
const script& touch_script();

/// KEYS[1]: a record. ARGV: a key that never exists; the beginning of the keys of plain
/// watermarks, or nothing. Returns nil, or an array of the record and, if it is a user's and
/// there is one, the watermark with this beginning and the user's name. A replica answers READONLY.
/// Not for clusters: names a key that is not in KEYS.
const script& find_script();

/// KEYS[1]: a record. ARGV: not empty if the answer waits for replicas. Returns the record; or nil;
/// or, if there is none and WAIT would be about something older, 1: mark_script() comes next.
const script& erase_script();

/// KEYS[1]: a record, which may be absent. Changes nothing, but writes to the replication stream,
/// so that WAIT is about all that the server has written before. Only for servers of version 7.2 or
/// newer.
const script& mark_script();

/// The server's time in microseconds.
const script& time_script();

/// KEYS[1]: a user's index. ARGV: an id; the time until which the entry must last. Returns the time
/// until which it does, which no earlier call has returned for this entry.
const script& index_script();

/// KEYS[1]: a user's index. ARGV: an id; the time until which its entry lasts. Removes it, unless
/// it was renewed meanwhile.
const script& unindex_script();

}  // namespace scs::stores::redis_detail
