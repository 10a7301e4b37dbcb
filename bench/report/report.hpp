#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/machine.hpp"
#include "harness/results.hpp"

namespace bench {

/// What a run has to say, besides its figures.
struct run_description {
  facts machine;
  facts setups;                       ///< contender, and how it was set up
  std::vector<std::size_t> sessions;  ///< sizes, to check the targets at
  unsigned rounds;
  std::string other_work;  ///< what else went on meanwhile
};

/// Prints the machine, an aligned table for each size, and the targets.
void print_report(const run_description& description, const results& results);

/// Writes everything, each round's value included. Throws if it cannot.
void write_json(const std::filesystem::path& file, const run_description& description,
                const results& results);

}  // namespace bench
