#pragma once

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "shell/workspace.hpp"

/// Runs the lines of standard input. The first that fails ends the script, unless it is to keep
/// going; errors name the line. Gives the status of the first that failed; exit_status::finding if
/// a transaction was left open, which is rolled back. Throws broken_pipe, std::system_error for
/// output that cannot be written.
exit_status run_script(workspace& space, output& out, bool keep_going);
