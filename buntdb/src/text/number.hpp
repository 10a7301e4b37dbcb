#pragma once

#include <cstdint>
#include <string_view>

namespace buntdb::text {

/// Numbers as BuntDB's indexes read them, which is as Go's strconv does when its errors are
/// ignored: what is no number is 0, what is out of range is the nearest number there is.

/// Decimal digits behind an optional sign.
std::int64_t parse_int(std::string_view text) noexcept;

/// Decimal digits; a sign makes it no number.
std::uint64_t parse_uint(std::string_view text) noexcept;

/// Decimal (`1.5e3`, `5.`, `.5`) or hexadecimal with an exponent (`0x1.8p3`), underscores between
/// digits, `inf`, `infinity` (with an optional sign) and `nan` in any case. Too large is infinite.
/// Does not depend on the locale.
double parse_float(std::string_view text);

}  // namespace buntdb::text
