#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "output/output.hpp"

/// How text is made to fit, and to look well on, a terminal.

/// Columns of the terminal that standard output goes to; `COLUMNS` counts first. 80 if unknown.
std::size_t terminal_width();

/// How many columns printable text takes: one for each character, which is right for most scripts.
std::size_t columns_of(std::string_view text) noexcept;

/// The text cut to so many columns, with `…` in the last one if something was cut.
std::string fitted(std::string_view text, std::size_t columns);

/// The text with blanks behind it up to so many columns.
std::string padded(std::string_view text, std::size_t columns);

/// A bar of part/whole of so many columns, in eighths of one.
std::string bar(double part, double whole, std::size_t columns);

enum class colour { green, red, yellow, bold };

/// Colours are for terminals only, and not if NO_COLOR is set and not empty, or TERM is dumb.
bool shows_colours(const output& out);
std::string coloured(std::string_view text, colour which, bool shown);
