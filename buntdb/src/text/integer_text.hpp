#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::text {

// Integers as BuntDB's indexes read them: as Go's strconv does when its errors are not looked at.
// What is no number is 0, what is out of range is the nearest number there is.

/// Decimal digits after an optional sign.
std::int64_t parse_int(std::string_view text) noexcept;

/// Decimal digits; a sign makes it no number.
std::uint64_t parse_uint(std::string_view text) noexcept;

}  // namespace buntdb::text
