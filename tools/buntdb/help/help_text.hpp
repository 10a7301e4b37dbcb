#pragma once

#include <string>

#include <CLI/CLI.hpp>

/// What --help prints of a tool, or of the command whose --help was parsed last. Made here and not
/// by CLI11, whose versions lay it out in different ways, and some fill the lines of examples anew.
std::string help_text(const CLI::App& app);
