#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <buntdb/options.hpp>

#include "sessions/stored_sessions.hpp"
#include "text/json_text.hpp"

/// Returns a text such as "29m", with the largest unit only.
std::string span_text(std::chrono::nanoseconds span);

/// Returns the moment, or "never".
std::string expiry_text(buntdb::time_point moment);

/// Returns the moment. Null if there is none or it never comes.
json moment_or_null(const std::optional<buntdb::time_point>& moment);

/// Returns everything except for the values.
json as_json(const stored_session& session);
