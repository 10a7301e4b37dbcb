#pragma once

#include <string>
#include <string_view>

/// How a record is kept as a value of the database: as its payload, so that indexes and tools see
/// it, if the user is found in that as json_codec writes it. A payload that is no JSON has the user
/// in front of it, where the index by the member "user" finds it:
///
///     {"user":"…"} NUL payload
namespace scs::stores::item_value {

/// Whether the payload can be the value itself. (Neither, if it looks like a value with a user in
/// front.)
bool is_payload(std::string_view payload, std::string_view user) noexcept;

/// The value of a payload that cannot. `user` may be empty.
std::string with_user(std::string_view payload, std::string_view user);

/// The payload of a value.
std::string_view payload_of(std::string_view value) noexcept;

}  // namespace scs::stores::item_value
