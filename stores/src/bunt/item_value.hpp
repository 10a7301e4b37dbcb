#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The format of a record as a value of the database. The value is the payload itself, so that
/// indexes and tools can use it, if the payload contains the user as json_codec writes it. If the
/// payload is not JSON, the user precedes it, where the index by the member "user" finds it:
///
///     {"user":"…"} NUL payload
namespace scs::stores::item_value {

inline constexpr std::string_view head = R"({"user":)";
inline constexpr std::string_view end{"}\0", 2};

/// Returns the size of what precedes the payload, or 0.
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

/// Whether the payload can be the value itself. A payload that looks like a value with a preceding
/// user cannot.
bool is_payload(std::string_view payload, std::string_view user) noexcept;

/// Returns the value for other payloads. `user` may be empty.
std::string with_user(std::string_view payload, std::string_view user);

/// Returns the user of a value. Empty if it has none, or none in this format.
std::string user_of(std::string_view value);

/// Returns the payload of a value.
inline std::string_view payload_of(std::string_view value) noexcept {
  return value.substr(front_size(value));
}

}  // namespace scs::stores::item_value
