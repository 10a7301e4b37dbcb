#pragma once

#include <string>
#include <vector>

#include "help/command_tree.hpp"

/// Returns the manual page buntdb(1), with the contents of --help.
std::string man_page(const std::vector<described_command>& commands, const std::string& version);
