#pragma once

#include <string_view>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// Whether the text matches the pattern: `*` stands for any bytes, `?` for one character of UTF-8,
/// `\` takes the next character as it is. What reader::ascend_matching() asks of each key. Takes
/// time in proportion to both sizes. Throws errc::invalid_argument if a pattern has more than 256
/// characters, a `?` among them, between two `*` or after the last one.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace buntdb
