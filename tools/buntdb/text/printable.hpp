#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// For a terminal or a message: control characters and what is not UTF-8 as \xNN, a backslash
/// doubled, so that stored bytes cannot command the terminal.
std::string printable(std::string_view bytes);

/// "17 bytes", "1 byte", "1.4 MiB (1468006 bytes)".
std::string size_text(std::uint64_t bytes);

/// "1.4 MiB"
std::string short_size_text(std::uint64_t bytes);
