#pragma once

#include <string>
#include <vector>

#include "harness/machine.hpp"
#include "harness/results.hpp"
#include "http/driver/options.hpp"
#include "http/driver/programs.hpp"

namespace bench::http {

/// What a run has to say, besides its figures.
struct run_description {
  const options& chosen;
  facts machine;
  std::vector<program> programs;
  std::string other_work = {};  ///< what else went on meanwhile
};

/// Prints the machine, one table per load, the figures of the original, and the targets.
void print_report(const run_description& description, const results& results);

/// Writes everything, each round's value included, to the file of the options. Throws if it cannot.
void write_json(const run_description& description, const results& results);

}  // namespace bench::http
