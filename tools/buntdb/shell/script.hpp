#pragma once

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "shell/workspace.hpp"

/// Runs the lines of standard input. The first line that fails ends the script, unless keep_going
/// is set. Errors contain the line's number. Returns the status of the first line that failed, or
/// exit_status::finding if a transaction was left open, which is rolled back. Throws broken_pipe,
/// and std::system_error if output cannot be written.
exit_status run_script(workspace& space, output& out, bool keep_going);
