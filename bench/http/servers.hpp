#pragma once

#include <scs/session_manager.hpp>

namespace bench::http {

/// What a server without sessions does all the same, to see what no session can cost less than.
struct floor {
  /// Sends the headers that the answer would have with a session, and for /put and /count writes
  /// as many bytes to this file as a commit does, with pwrite(2). Negative: none of it.
  int file = -1;
};

/// What both servers answer, with the library's usual means, on 127.0.0.1 until SIGTERM:
/// `/get` a message that `/put` stored, `/count` how often it was asked. With null for the
/// sessions, which are then not there, /get and /put answer as with a session that has the message.
void serve_with_httplib(int port, scs::session_manager* sessions);
void serve_with_beast(int port, scs::session_manager* sessions, floor least = {});

inline constexpr const char* message = "Hello world!";

}  // namespace bench::http
