#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <buntdb/options.hpp>

#include "sessions/stored_sessions.hpp"
#include "text/json_text.hpp"

/// "29m", the largest unit only.
std::string span_text(std::chrono::nanoseconds span);

/// The moment, or "never".
std::string expiry_text(buntdb::time_point moment);

/// The moment; null if there is none or it never comes.
json moment_or_null(const std::optional<buntdb::time_point>& moment);

/// All but the values.
json as_json(const stored_session& session);
