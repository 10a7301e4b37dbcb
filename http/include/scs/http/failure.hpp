#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <system_error>

#include <scs/event.hpp>

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
  /// The handler had set the session's cookie (or the transport's header) itself, in a response in
  /// which the session sets it. The handler's line was dropped, because a browser keeps only one of
  /// them; the rest of the response went out.
  session_cookie_set_by_handler,
};

/// As in the enumeration, for logs and metrics.
constexpr std::string_view name_of(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::handler_threw:
      return "handler_threw";
    case failure_kind::session_failed:
      return "session_failed";
    case failure_kind::error_function_threw:
      return "error_function_threw";
    case failure_kind::stream_threw:
      return "stream_threw";
    case failure_kind::session_changed_while_streaming:
      return "session_changed_while_streaming";
    case failure_kind::session_cookie_set_by_handler:
      return "session_cookie_set_by_handler";
  }
  return "unknown";
}

/// Something that a visitor only sees as an error, for logs and metrics.
struct failure {
  failure_kind kind{};
  /// Of the exception, or of one nested in it; compare it with scs::errc. Empty if none has one.
  std::error_code code{};
  /// What the exception says, with those nested in it: scs::describe(). It may hold what the
  /// handler put there, so it is for logs, not for visitors.
  std::string text{};
  /// Of the request: scs::loggable_request(). Empty where no request is known, such as one that
  /// could not be read.
  std::string method{};
  std::string path{};
  /// Null for session_changed_while_streaming and session_cookie_set_by_handler.
  std::exception_ptr cause{};
};

/// The failure as one line, without its end: `session_failed code=scs:6 request="GET /cart"
/// text="…"`, escaped as log_line() of an event is.
inline std::string log_line(const failure& failed) {
  std::string line{name_of(failed.kind)};
  if (failed.code) {
    line.append(" code=").append(failed.code.category().name());
    line.append(1, ':').append(std::to_string(failed.code.value()));
  }
  if (!failed.method.empty() || !failed.path.empty()) {
    scs::detail::append_log_member(line, "request", failed.method + ' ' + failed.path);
  }
  if (!failed.text.empty()) scs::detail::append_log_member(line, "text", failed.text);
  return line;
}

}  // namespace scs::http
