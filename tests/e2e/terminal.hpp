#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// What a person at a terminal would see.
struct terminal_result {
  int status = 0;      ///< the exit status, or minus the signal
  std::string output;  ///< standard output and error, as the terminal received them
};

/// Runs the program on a separate terminal in this folder until it ends. `typed` is sent line by
/// line and key by key as prompts ("> ") appear. Throws std::system_error.
terminal_result run_on_terminal(const std::vector<std::string>& arguments,
                                const std::filesystem::path& folder, const std::string& typed = {});
