#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Returns the bytes as a text for a terminal: control characters, characters that change the
/// direction of text, and bytes that are not UTF-8 are written as \xNN, and backslashes are
/// doubled. So stored bytes cannot control the terminal.
std::string printable(std::string_view bytes);

/// Does the same for a whole message, parts of which may be printable already: backslashes are not
/// doubled.
std::string printable_message(std::string_view message);

/// Returns "17 bytes", "1 byte", or "1.4 MiB (1468006 bytes)".
std::string size_text(std::uint64_t bytes);

/// Returns "1.4 MiB".
std::string short_size_text(std::uint64_t bytes);
