#pragma once

#include "command_line/arguments.hpp"
#include "live/live_server.hpp"
#include "output/output.hpp"

/// Prints the figures of a database that a server has open.
void print_live_stats(live_server& server, const common_options& common, output& out);
