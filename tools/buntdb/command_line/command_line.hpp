#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "output/output.hpp"

/// Parses a command's arguments, as armoured() gives them; prints a help text that they ask for.
/// Throws usage_error, which says what is wrong and to see what.
void parse(CLI::App& app, const std::vector<std::string>& arguments, const std::string& see,
           output& out);
