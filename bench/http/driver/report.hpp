#pragma once

#include <string>
#include <vector>

#include "harness/machine.hpp"
#include "harness/results.hpp"
#include "http/driver/options.hpp"
#include "http/driver/programs.hpp"

namespace bench::http {

/// What a run reports besides its figures.
struct run_description {
  const options& chosen;
  facts machine;
  std::vector<program> programs;
  std::string other_work = {};  ///< the other load of the machine during the measurement
};

/// Prints the machine, one table per load, the figures of SCS, and the targets.
void print_report(const run_description& description, const results& results);

/// Writes everything, including each round's value, to the file of the options. Throws if it
/// cannot.
void write_json(const run_description& description, const results& results);

}  // namespace bench::http
