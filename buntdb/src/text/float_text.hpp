#pragma once

#include <string>
#include <string_view>

namespace buntdb::text {

/// Returns the number that Go's strconv.ParseFloat reads from a text if its errors are ignored, as
/// in BuntDB: a text that is not a number is 0, and a number that is too large is infinite. Decimal
/// or hexadecimal ("0x1.8p-2"), with a sign, with underscores between digits; inf, infinity and nan
/// in any letter case. The whole text is used, including spaces. Throws std::bad_alloc.
double parse_float(std::string_view text);

/// Appends the number with the fewest digits that represent it, without an exponent, like Go's
/// format 'f' with precision -1; +Inf, -Inf, NaN. Throws std::bad_alloc.
void append_float(std::string& out, double number);

}  // namespace buntdb::text
