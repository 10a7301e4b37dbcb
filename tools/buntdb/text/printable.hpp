#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// For a terminal: control characters, characters that change the direction of text, and what is
/// not UTF-8 as \xNN, a backslash doubled, so that stored bytes cannot command the terminal.
std::string printable(std::string_view bytes);

/// The same for a whole message, whose parts may be printable already: a backslash stays one.
std::string printable_message(std::string_view message);

/// "17 bytes", "1 byte", "1.4 MiB (1468006 bytes)".
std::string size_text(std::uint64_t bytes);

/// "1.4 MiB"
std::string short_size_text(std::uint64_t bytes);
