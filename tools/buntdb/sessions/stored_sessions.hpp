#pragma once

#include "session_commands/stored_sessions.hpp"

// The tool reads sessions with the code that a running server uses for its control socket.
using scs::stores::for_each_session;
using scs::stores::is_abbreviated_id;
using scs::stores::name_of;
using scs::stores::session_state;
using scs::stores::session_value;
using scs::stores::stored_session;
using scs::stores::values_wanted;
using scs::stores::without_token;
