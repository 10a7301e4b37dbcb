#pragma once

#include <vector>

#include "harness/results.hpp"
#include "http/driver/options.hpp"
#include "http/driver/programs.hpp"

namespace bench::http {

/// In each round, for each load, for each program in turn: starts it, makes the sessions, loads it
/// and stops it. So no load is affected by another one, and a temporary disturbance of the machine
/// affects all programs. Each round begins with a different program.
void measure(const options& options, const std::vector<program>& programs, results& results);

}  // namespace bench::http
