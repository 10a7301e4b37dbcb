#pragma once

#include <string_view>

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "shell/shell_commands.hpp"

/// Runs one line. Empty lines and those that begin with # do nothing. Throws as actions do. When it
/// returns, the output was written.
exit_status run_line(std::string_view line, shell_context& context, output& out);
