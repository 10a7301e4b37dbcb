#pragma once

#include "output/exit_status.hpp"
#include "output/output.hpp"
#include "sessions/session_options.hpp"

// The actions of `sessions FILE ACTION`. Each throws what an action may throw.

exit_status list_sessions(const session_options& options, output& out);
exit_status show_sessions(const session_options& options, output& out);
exit_status revoke_sessions(const session_options& options, output& out);
exit_status erase_user(const session_options& options, output& out);
exit_status count_sessions(const session_options& options, output& out);
exit_status list_users_of_sessions(const session_options& options, output& out);
