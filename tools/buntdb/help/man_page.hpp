#pragma once

#include <string>
#include <vector>

#include "help/command_tree.hpp"

/// The manual page buntdb(1), of what --help says.
std::string man_page(const std::vector<described_command>& commands, const std::string& version);
