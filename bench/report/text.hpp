#pragma once

#include <cstddef>
#include <string>

#include "harness/results.hpp"

namespace bench {

/// Three significant figures in the unit that suits: "1.23 µs", "321 bytes".
std::string value_text(double value, unit unit);
/// "0.95"
std::string ratio_text(double ratio);
/// "1,000,000"
std::string count_text(std::size_t count);
/// As many spaces before or behind as make it so many letters (not bytes) wide.
std::string padded_left(const std::string& text, std::size_t width);
std::string padded_right(const std::string& text, std::size_t width);

}  // namespace bench
