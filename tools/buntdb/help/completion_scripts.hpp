#pragma once

#include <string>
#include <vector>

#include "help/command_tree.hpp"

/// Return scripts that complete the tool's commands, options, choices and files on the command
/// line.
std::string bash_completion(const std::vector<described_command>& commands);
std::string zsh_completion(const std::vector<described_command>& commands);
