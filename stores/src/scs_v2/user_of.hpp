#pragma once

#include <string>
#include <string_view>

#include <scs/error.hpp>
#include <scs/gob_codec.hpp>
#include <scs/payload_codec.hpp>

/// Shared by stores that keep the records of Go's SCS v2. Such a record has no place for a user:
/// only the payload contains the user.
namespace scs::stores::scs_v2 {

/// Returns the user. Empty if there is none, or if neither gob_codec nor json_codec can read the
/// payload.
inline std::string user_of(std::string_view payload) {
  static const gob_codec gob;
  static const json_codec json;
  const bool is_json = payload.starts_with('{');
  try {
    const payload_codec& codec = is_json ? static_cast<const payload_codec&>(json) : gob;
    return std::string{codec.decode(payload).user};
  } catch (const error&) {
    return {};
  }
}

/// Whether a listing of the user's sessions has to visit the record. For a mark of `moving`, that
/// store itself finds out whose session is moving.
inline bool may_be_of(std::string_view payload, std::string_view user) {
  constexpr std::string_view mark_of_a_move = "\2scs-";
  return payload.starts_with(mark_of_a_move) || user_of(payload) == user;
}

}  // namespace scs::stores::scs_v2
