#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <system_error>

#include <scs/event.hpp>

namespace scs::http {

/// The kinds of failures while an adapter answered a request.
enum class failure_kind {
  /// The handler threw. Its changes were dropped, and the error function answered.
  handler_threw,
  /// The session could not be loaded or committed. The error function answered.
  session_failed,
  /// The error function threw. The answer is a status without a page.
  error_function_threw,
  /// The function that streams the body threw after the status was sent. The connection was closed.
  stream_threw,
  /// The function that streams the body changed the session, which was committed before. The change
  /// is lost (except for update() and destroy(), which take effect immediately), and the connection
  /// was closed.
  session_changed_while_streaming,
  /// The handler had set the session's cookie (or the transport's header) itself, in a response in
  /// which the session sets it. The handler's line was dropped, because a browser keeps only one of
  /// them; the rest of the response went out.
  session_cookie_set_by_handler,
};

/// Returns the name of the enumerator, for logs and metrics.
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

/// A failure that a visitor sees as an error only, for logs and metrics.
struct failure {
  /// What failed.
  failure_kind kind{};
  /// The code of the exception, or of one nested in it. Compare it with scs::errc. Empty if none
  /// has a code.
  std::error_code code{};
  /// The messages of the exception and of those nested in it: scs::describe(). They may contain
  /// anything that the handler put there, so use them for logs, not for visitors.
  std::string text{};
  /// The request's method and path: scs::loggable_request(). Empty if no request is known, for
  /// example because it could not be read.
  std::string method{};
  std::string path{};
  /// The exception. Null for session_changed_while_streaming and session_cookie_set_by_handler.
  std::exception_ptr cause{};
};

/// Returns the failure as one line without a line end: `session_failed code=scs:6 request="GET
/// /cart" text="…"`. Texts are escaped as in log_line() of an event.
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
