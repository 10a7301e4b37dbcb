#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <scs/payload.hpp>

#include "gob/session_reader.hpp"

namespace scs::gob {

// The keys of values that hold a session's properties.
constexpr std::string_view remember_me_key = "__rememberMe";
constexpr std::string_view user_key = "__scs.user";
constexpr std::string_view created_key = "__scs.created";
constexpr std::string_view begun_key = "__scs.begun";
constexpr std::string_view where_key = "__scs.where";
constexpr std::string_view seen_key = "__scs.seen";
constexpr std::string_view idle_timeout_key = "__scs.idleTimeout";

bool is_property(std::string_view key) noexcept;

/// Normalized type names by the session's keys.
using type_names = std::map<std::string, std::string, std::less<>>;

/// Writes a payload. `old` is the session's former contents, with copies, or empty contents; types
/// are added to it. If `keep_deadline` is set, the deadline is copied from `old`. Throws scs::error
/// (invalid_value).
std::string write_session(const payload& contents, session_contents& old, bool keep_deadline,
                          const type_names& types);

}  // namespace scs::gob
