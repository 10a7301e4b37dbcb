#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <scs/clock.hpp>
#include <scs/value.hpp>

namespace scs::detail {

/// Returns the moment that a payload stores as its nanoseconds since 1970. Empty if the text is not
/// an integer.
inline std::optional<time_point> moment_of_json(std::string_view json) {
  const auto nanoseconds = integer_of_json(json);
  if (!nanoseconds) return std::nullopt;
  return time_point{std::chrono::nanoseconds{*nanoseconds}};
}

}  // namespace scs::detail
