#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <scs/clock.hpp>

namespace scs::gob {

/// A time.Time.
struct go_time {
  std::int64_t seconds = 0;  // since 1970
  std::int32_t nanoseconds = 0;
  std::int32_t offset_seconds = 0;  // of its zone, east of UTC
  bool is_utc = true;
};

/// Go's zero time: the year 1.
inline constexpr go_time zero_time{.seconds = -62'135'596'800};

/// What Time.GobEncode() wrote. Empty if it is not that.
std::optional<go_time> read_time(std::string_view bytes);
std::string write_time(const go_time& moment);

/// RFC 3339 in the time's own zone, as Go's encoding/json writes it: of an offset, the seconds are
/// left out. Empty outside of the years 0 to 9999.
std::optional<std::string> json_of(const go_time& moment);
std::optional<go_time> time_of_json(std::string_view json);

/// Times beyond what a time_point can hold become its first or last one.
time_point to_time_point(const go_time& moment) noexcept;
go_time to_go_time(time_point moment) noexcept;

}  // namespace scs::gob
