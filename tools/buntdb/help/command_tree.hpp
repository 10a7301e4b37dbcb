#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// A plain description of CLI11's commands, from which completion scripts and the man page are
/// made, so that those always agree with --help.

struct described_option {
  std::vector<std::string> names;  ///< with their dashes; empty for a positional
  std::string value;               ///< the name of its value or of the positional; empty for a flag
  std::string description;
  std::vector<std::string> choices;   ///< of the value, if only these are allowed
  std::vector<std::string> excluded;  ///< options that must not be given together with it
  bool takes_file = false;
  bool is_required = false;
  bool is_repeated = false;

  bool is_positional() const noexcept { return names.empty(); }
};

struct described_command {
  std::string name;
  std::string description;
  std::string footer;
  std::vector<described_option> options;  ///< positionals are in their order
};

/// Returns all commands that --help shows. The tool itself is first, with its options.
std::vector<described_command> described(const CLI::App& tool);
