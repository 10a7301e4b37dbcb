#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <scs/payload.hpp>

#include "gob/session_reader.hpp"

namespace scs::gob {

// Values that stand for a session's properties.
constexpr std::string_view remember_me_key = "__rememberMe";
constexpr std::string_view user_key = "__scs.user";
constexpr std::string_view created_key = "__scs.created";
constexpr std::string_view begun_key = "__scs.begun";
constexpr std::string_view where_key = "__scs.where";
constexpr std::string_view seen_key = "__scs.seen";
constexpr std::string_view idle_timeout_key = "__scs.idleTimeout";

bool is_property(std::string_view key) noexcept;

/// Normalized names, by the session's keys.
using type_names = std::map<std::string, std::string, std::less<>>;

/// Writes a payload. `old` is what the session said before, with copies, or nothing; types are
/// added to it. A deadline that stays is `keep_deadline`. Throws scs::error (invalid_value).
std::string write_session(const payload& contents, session_contents& old, bool keep_deadline,
                          const type_names& types);

}  // namespace scs::gob
