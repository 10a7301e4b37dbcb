#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::text {

// Integers as BuntDB's indexes read them: like Go's strconv with its errors ignored. A text that is
// not a number is 0, and a number out of range becomes the nearest number in range.

/// Reads decimal digits after an optional sign.
std::int64_t parse_int(std::string_view text) noexcept;

/// Reads decimal digits. A text with a sign is not a number.
std::uint64_t parse_uint(std::string_view text) noexcept;

}  // namespace buntdb::text
