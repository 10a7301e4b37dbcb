#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shell/workspace.hpp"

/// The possible completions of the word that is being typed.
struct completion {
  std::size_t begin = 0;                ///< where that word begins
  std::vector<std::string> candidates;  ///< as they would be typed: quoted
  bool complete = true;                 ///< false: there are more than are listed
};

/// `line` is the text before the cursor. Completes commands, options, names of indexes, and keys.
completion complete(std::string_view line, workspace& space);

/// Returns the common beginning of all candidates, in whole characters.
std::string common_beginning(const std::vector<std::string>& candidates);
