#pragma once

#include <scs/session_manager.hpp>

namespace bench::http {

/// What both servers answer, with the library's usual means, on 127.0.0.1 until SIGTERM:
/// `/get` a message that `/put` stored, `/count` how often it was asked. With null for the
/// sessions, which are then not there, /get and /put answer as with a session that has the message.
void serve_with_httplib(int port, scs::session_manager* sessions);
void serve_with_beast(int port, scs::session_manager* sessions);

inline constexpr const char* message = "Hello world!";

}  // namespace bench::http
