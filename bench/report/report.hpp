#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/machine.hpp"
#include "harness/results.hpp"

namespace bench {

/// What a run reports besides its figures.
struct run_description {
  facts machine;
  facts setups;                       ///< contender, and how it was set up
  std::vector<std::size_t> sessions;  ///< the sizes at which the targets are checked
  unsigned rounds;
  std::string other_work;  ///< the other load of the machine during the measurement
};

/// Prints the machine, an aligned table for each size, and the targets.
void print_report(const run_description& description, const results& results);

/// Writes everything, including each round's value. Throws if it cannot.
void write_json(const std::filesystem::path& file, const run_description& description,
                const results& results);

}  // namespace bench
