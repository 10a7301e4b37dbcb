#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace scs {

/// Appends a JSON string as Go's encoding/json writes it: besides what JSON asks for, <, >, &,
/// U+2028 and U+2029 are escaped. Throws scs::error (invalid_value) unless the text is UTF-8.
void append_json_string(std::string& out, std::string_view utf8);

bool is_utf8(std::string_view text) noexcept;

/// The length of the UTF-8 sequence that begins the text, which is not empty; 0 if there is none.
std::size_t utf8_sequence(std::string_view text) noexcept;

/// How much of the text, from its beginning, is UTF-8.
std::size_t utf8_prefix(std::string_view text) noexcept;

/// The text's first `size_max` bytes at most, never part of a character; what is not UTF-8 becomes
/// U+FFFD, one for each byte.
std::string to_utf8(std::string_view text, std::size_t size_max);

/// Whether the text is one JSON value, nothing but white space around it. Linear, whatever nests.
bool is_json(std::string_view text);

/// The same without white space around it.
std::string_view trim_json(std::string_view text) noexcept;

}  // namespace scs
