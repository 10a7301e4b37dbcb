#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shell/workspace.hpp"

/// What can stand in the place of the word that is being typed.
struct completion {
  std::size_t begin = 0;                ///< where that word begins
  std::vector<std::string> candidates;  ///< as they would be typed: quoted
  bool complete = true;                 ///< false: there are more than are listed
};

/// line is what stands before the cursor. Completes commands, options, names of indexes, and keys.
completion complete(std::string_view line, workspace& space);

/// What the candidates begin with, all of them; whole characters.
std::string common_beginning(const std::vector<std::string>& candidates);
