#pragma once

#include <string>
#include <string_view>

#include <scs/error.hpp>
#include <scs/gob_codec.hpp>
#include <scs/payload_codec.hpp>

/// What stores that keep the records of Go's SCS v2 share. Such a record has no place for a user:
/// the payload alone says whose it is.
namespace scs::stores::scs_v2 {

/// Empty for nobody's, and for what neither gob_codec nor json_codec can read.
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

/// Whether a listing of the user's sessions has to visit it. The store `moving` finds out by itself
/// whose session it is that is on its way.
inline bool may_be_of(std::string_view payload, std::string_view user) {
  constexpr std::string_view mark_of_a_move = "\2scs-";
  return payload.starts_with(mark_of_a_move) || user_of(payload) == user;
}

}  // namespace scs::stores::scs_v2
