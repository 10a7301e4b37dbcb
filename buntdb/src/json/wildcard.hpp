#pragma once

#include <string_view>

namespace buntdb::json {

/// Whether a pattern of a path covers the text: `*` stands for any bytes, `?` for one character of
/// UTF-8 (or one byte that is part of none), `\` takes the next byte as it is. Time is at most the
/// product of the two lengths.
bool wildcard_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace buntdb::json
