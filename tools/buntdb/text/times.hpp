#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <buntdb/clock.hpp>

/// Reads "500ms", "30s", "15m", "24h", "7d", or several: "1h30m". Empty if the text has another
/// form, or is too long for nanoseconds (292 years).
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept;

/// Reads "2030-01-31T12:00:00Z", "2030-01-31T12:00:00.5+02:00" (RFC 3339), or Unix seconds:
/// "1900000000", "1900000000.25". Empty if it is neither, or outside of the years 1678 to 2262.
std::optional<buntdb::time_point> parse_moment(std::string_view text) noexcept;

/// Returns the moment in RFC 3339 in UTC, with milliseconds if there are any.
std::string moment_text(buntdb::time_point moment);

/// Returns seconds with milliseconds, rounded down, such as "1799.500"; or "forever".
std::string ttl_text(std::chrono::nanoseconds ttl);
