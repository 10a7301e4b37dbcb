#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// How a record is kept as a value of the database: as its payload, so that indexes and tools see
/// it, if the user is found in that as json_codec writes it. A payload that is no JSON has the user
/// in front of it, where the index by the member "user" finds it:
///
///     {"user":"…"} NUL payload
namespace scs::stores::item_value {

inline constexpr std::string_view head = R"({"user":)";
inline constexpr std::string_view end{"}\0", 2};

/// The size of what is in front of the payload; 0 if there is nothing.
inline std::size_t front_size(std::string_view value) noexcept {
  if (!value.starts_with(head)) return 0;
  std::size_t at = head.size();
  if (at == value.size() || value[at] != '"') return 0;
  for (++at; at < value.size() && value[at] != '"'; ++at) {
    if (value[at] == '\\') ++at;
  }
  if (at >= value.size() || !value.substr(at + 1).starts_with(end)) return 0;
  return at + 1 + end.size();
}

/// Whether the payload can be the value itself. (Neither, if it looks like a value with a user in
/// front.)
bool is_payload(std::string_view payload, std::string_view user) noexcept;

/// The value of a payload that cannot. `user` may be empty.
std::string with_user(std::string_view payload, std::string_view user);

/// The user of a value; empty for nobody's, and if there is none that it says in this way.
std::string user_of(std::string_view value);

/// The payload of a value.
inline std::string_view payload_of(std::string_view value) noexcept {
  return value.substr(front_size(value));
}

}  // namespace scs::stores::item_value
