#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <scs/clock.hpp>

namespace scs::gob {

/// Go's time.Time.
struct go_time {
  std::int64_t seconds = 0;  // since 1970
  std::int32_t nanoseconds = 0;
  std::int32_t offset_seconds = 0;  // of the time zone, east of UTC
  bool is_utc = true;
};

/// Go's zero time, in the year 1.
inline constexpr go_time zero_time{.seconds = -62'135'596'800};

/// Reads the output of Time.GobEncode(). Returns an empty optional for other bytes.
std::optional<go_time> read_time(std::string_view bytes);
std::string write_time(const go_time& moment);

/// Returns the time in RFC 3339 in its own zone, as Go's encoding/json writes it. The offset's
/// seconds are omitted. Empty outside of the years 0 to 9999.
std::optional<std::string> json_of(const go_time& moment);
std::optional<go_time> time_of_json(std::string_view json);

/// Times outside the range of time_point become its first or last value.
time_point to_time_point(const go_time& moment) noexcept;
go_time to_go_time(time_point moment) noexcept;

}  // namespace scs::gob
