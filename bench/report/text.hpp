#pragma once

#include <cstddef>
#include <string>

#include "harness/machine.hpp"
#include "harness/results.hpp"

namespace bench {

/// Returns three significant figures in a suitable unit: "1.23 µs", "321 bytes".
std::string value_text(double value, unit unit);
/// Returns a text such as "0.95".
std::string ratio_text(double ratio);
/// Returns a text such as "1,000,000".
std::string count_text(std::size_t count);
/// Returns a text such as "12 %".
std::string percent_text(double share);
/// Pad the text with spaces on the left or on the right to a width in letters (not bytes).
std::string padded_left(const std::string& text, std::size_t width);
std::string padded_right(const std::string& text, std::size_t width);

void print_line(const std::string& text);
/// Prints the title, then a line for each fact, with names of this width.
void print_facts(const std::string& title, const facts& all, std::size_t width);

}  // namespace bench
