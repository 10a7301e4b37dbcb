#pragma once

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "shell/workspace.hpp"

/// Reads commands from a terminal until there are no more. Throws interrupted if a signal asked for
/// the end. An open transaction is rolled back then, too.
exit_status converse(workspace& space, output& out, bool no_history);
