#pragma once

#include <exception>

namespace scs::http {

/// What an adapter had to deal with while it answered a request.
enum class failure_kind {
  /// The handler threw: its changes were dropped and the error function answered.
  handler_threw,
  /// The session could not be loaded or committed: the error function answered.
  session_failed,
  /// The error function threw: a bare status answered.
  error_function_threw,
  /// What streams the body threw, after the status was sent: the connection was cut.
  stream_threw,
  /// What streams the body changed the session, which was committed before: the change is lost
  /// (but for an update() or destroy(), which act at once), and the connection was cut.
  session_changed_while_streaming,
};

/// Something that a visitor only sees as an error, for logs and metrics.
struct failure {
  failure_kind kind{};
  /// The exception behind it; null for session_changed_while_streaming. Its text may hold what the
  /// handler put there, so it is for logs, not for visitors.
  std::exception_ptr cause{};
};

}  // namespace scs::http
