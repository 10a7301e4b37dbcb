#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "output/output.hpp"

/// Functions that fit text into a terminal, and format it there.

/// Returns the width in columns of the terminal on standard output. `COLUMNS` has precedence. 80 if
/// it is unknown.
std::size_t terminal_width();

/// Returns how many columns printable text takes: one for each character, which is right for most
/// scripts.
std::size_t columns_of(std::string_view text) noexcept;

/// Returns the text cut to this many columns, with `…` in the last one if something was cut.
std::string fitted(std::string_view text, std::size_t columns);

/// Returns the text followed by blanks up to this many columns.
std::string padded(std::string_view text, std::size_t columns);

/// Returns a bar of part/whole of this many columns, with a resolution of an eighth of a column.
std::string bar(double part, double whole, std::size_t columns);

enum class colour { green, red, yellow, bold };

/// Colors are for terminals only, and not if NO_COLOR is set and not empty, or TERM is dumb.
bool shows_colours(const output& out);
std::string coloured(std::string_view text, colour which, bool shown);
