#pragma once

#include "redis/protocol/script.hpp"

namespace scs::stores::redis_detail {

/// KEYS[1]: a record. ARGV: the expected revision, or nothing if there must be no record; the new
/// revision; expiry; user; the time until which this commit made sure of the user's index entry, or
/// record_format::never; the user's size as in the record; payload.
/// Gives a commit_answer, or, when it is committed and was another user's before, an array of that
/// user and what the record said of its index entry.
const script& commit_script();

enum class commit_answer : int {
  committed = 1,
  conflict = 2,
  gone = 3,
  /// Nothing was changed: the user's index needs an entry that lasts as long as the record.
  index_first = 4,
};

/// KEYS[1]: a record. ARGV: expiry; the user whose index entry was made sure of, and until when, or
/// empty and record_format::never. Gives 0 if absent, 1 if done, or the user whose index entry does
/// not last long enough (nothing was changed).
const script& touch_script();

/// KEYS[1]: a record. ARGV: a key under which there is never anything; how the keys of plain
/// watermarks begin, or nothing. Gives nil, or an array of the record and, if it is a user's and
/// there is one, the watermark with this beginning and the user's name. A replica answers READONLY.
/// Not for clusters: names a key that is not in KEYS.
const script& find_script();

/// KEYS[1]: a record. Gives it, or nil.
const script& erase_script();
/// The server's time in microseconds.
const script& time_script();

/// KEYS[1]: a user's index. ARGV: an id; the time until which the entry must last. Gives the time
/// until which it does, which is another one than ever before for this entry.
const script& index_script();

/// KEYS[1]: a user's index. ARGV: an id; the time until which its entry lasts. Removes it, unless
/// it was renewed meanwhile.
const script& unindex_script();

}  // namespace scs::stores::redis_detail
