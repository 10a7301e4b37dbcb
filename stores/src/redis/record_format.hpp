#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <scs/clock.hpp>
#include <scs/store.hpp>

/// How a record is kept in one string: a head of fixed size, so that scripts change parts of it in
/// place, then the user, then the payload.
///
///     byte    0   '1', the version
///             1   revision, 15 characters
///            16   expiry, 13 digits: milliseconds since 1970; also the key's time to live
///            29   until when the user's index entry lasts, the same way; zeros without a user
///            42   size of the user, 3 digits
///            45   user, payload
namespace scs::stores::redis_detail::record_format {

constexpr std::size_t revision_size = 15;
constexpr std::size_t head_size = 45;

/// The text for no time.
constexpr std::string_view never = "0000000000000";

/// Returns a time in the record's format. It is rounded down to the millisecond, so that a session
/// ends early rather than late, and limited to the years 2001 to 2286.
std::string time_text(time_point time);

/// The time until which a user's index entry is to last for a record with this expiry: a day
/// longer, so that most touches need not renew it.
std::string index_time_text(time_point expiry);

/// The size of a user, as it is kept.
std::string user_size_text(std::string_view user);

/// When the user's index entry was written, in two characters, which repeat after 42 days.
std::string index_mark(time_point written);
std::string index_mark_of(std::string_view revision);

/// A revision that was never used before: random characters, then when the user's index entry was
/// written, then three characters of a hash of the user. It tells a commit whether the user
/// changes, in all but one case of 260,000, and whether the index entry must be written again.
std::string new_revision(std::string_view user, std::string_view index_mark);
bool may_be_of(std::string_view revision, std::string_view user);
/// Whether the index entry was written within the last hour, more or less a quarter of one.
bool was_indexed_lately(std::string_view revision, time_point now);

struct unpacked {
  scs::record record{};
  std::string user{};
  /// As kept.
  std::string index_time{};
};

/// Throws scs::error (store_failed) if these bytes are not a record.
unpacked unpack(std::string_view bytes);

}  // namespace scs::stores::redis_detail::record_format
