#pragma once

#include <optional>

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "sessions/session_options.hpp"

/// Does `sessions FILE export TO` and `import FROM`. Empty if the action is another one. Throws
/// what an action may throw.
std::optional<exit_status> transfer_sessions(const session_options& options, output& out);
