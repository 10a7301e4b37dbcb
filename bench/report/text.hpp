#pragma once

#include <cstddef>
#include <string>

#include "harness/machine.hpp"
#include "harness/results.hpp"

namespace bench {

/// Three significant figures in the unit that suits: "1.23 µs", "321 bytes".
std::string value_text(double value, unit unit);
/// "0.95"
std::string ratio_text(double ratio);
/// "1,000,000"
std::string count_text(std::size_t count);
/// "12 %"
std::string percent_text(double share);
/// As many spaces before or behind as make it so many letters (not bytes) wide.
std::string padded_left(const std::string& text, std::size_t width);
std::string padded_right(const std::string& text, std::size_t width);

void print_line(const std::string& text);
/// The title, then a line for each fact, with names of this width.
void print_facts(const std::string& title, const facts& all, std::size_t width);

}  // namespace bench
