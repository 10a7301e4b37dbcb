#pragma once

#include <string>

#include <CLI/CLI.hpp>

/// Returns what --help prints for a tool, or for the command whose --help was parsed last. CLI11's
/// own text is not used: its versions have different layouts, and some rewrap the lines of
/// examples.
std::string help_text(const CLI::App& app);
