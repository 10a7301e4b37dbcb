#pragma once

#include <string>
#include <string_view>

namespace buntdb::text {

/// The number that a text is to Go's strconv.ParseFloat, where errors are not looked at, as BuntDB
/// does: what is no number is 0, what is too large is infinite. Decimal or hexadecimal
/// ("0x1.8p-2"), with a sign, with underscores between digits; inf, infinity and nan in any case.
/// The whole text counts, spaces too. Throws std::bad_alloc.
double parse_float(std::string_view text);

/// Appends the number in the fewest digits that mean it, without an exponent, as Go's format 'f'
/// with precision -1 does; +Inf, -Inf, NaN. Throws std::bad_alloc.
void append_float(std::string& out, double number);

}  // namespace buntdb::text
