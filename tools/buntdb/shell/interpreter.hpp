#pragma once

#include <string_view>

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "shell/shell_commands.hpp"

/// Does what one line says; empty lines and those that begin with # say nothing. Throws as actions
/// do; what was written is out when it returns.
exit_status run_line(std::string_view line, shell_context& context, output& out);
