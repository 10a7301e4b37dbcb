#pragma once

#include <optional>

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "sessions/session_options.hpp"

/// `sessions FILE export TO` and `import FROM`; empty if the action is another one. Throws what an
/// action may throw.
std::optional<exit_status> transfer_sessions(const session_options& options, output& out);
