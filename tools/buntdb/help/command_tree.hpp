#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// The commands as CLI11 knows them, in the plain form of which completion scripts and the man page
/// are made: so those cannot say anything else than --help.

struct described_option {
  std::vector<std::string> names;  ///< with their dashes; empty for a positional
  std::string value;               ///< the name of its value or of the positional; empty for a flag
  std::string description;
  std::vector<std::string> choices;   ///< of the value, if there are only these
  std::vector<std::string> excluded;  ///< the options that it cannot be given together with
  bool takes_file = false;
  bool is_required = false;
  bool is_repeated = false;

  bool is_positional() const noexcept { return names.empty(); }
};

struct described_command {
  std::string name;
  std::string description;
  std::string footer;
  std::vector<described_option> options;  ///< positionals in their order
};

/// All commands that --help shows; names of the tool itself in front, with its options.
std::vector<described_command> described(const CLI::App& tool);
