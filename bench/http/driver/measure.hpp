#pragma once

#include <vector>

#include "harness/results.hpp"
#include "http/driver/options.hpp"
#include "http/driver/programs.hpp"

namespace bench::http {

/// In each round, for each load, each program in turn: starts it, makes the sessions, loads it and
/// stops it. So no load finds what another has left, and what disturbs the machine for a while
/// meets all programs. Each round begins with another program.
void measure(const options& options, const std::vector<program>& programs, results& results);

}  // namespace bench::http
