#pragma once

#include <string_view>

#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

/// Returns whether the text matches the pattern. `*` stands for any bytes, `?` for one character of
/// UTF-8, and `\` makes the next character literal. reader::ascend_matching() compares each key in
/// this way. The time is proportional to the size of both arguments. Throws errc::invalid_argument
/// if a pattern has more than 256 characters, including a `?` among them, between two `*` or after
/// the last one.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace buntdb
