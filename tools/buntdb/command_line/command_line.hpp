#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "output/output.hpp"

/// Parses a command's arguments, as `armoured()` returns them, and prints a requested help text.
/// Throws usage_error, which says what is wrong and which help to read.
void parse(CLI::App& app, const std::vector<std::string>& arguments, const std::string& see,
           output& out);
