#pragma once

#include <exception>
#include <functional>

#include <scs/http/failure.hpp>
#include <scs/session_manager.hpp>

namespace scs::http {

/// The options of every adapter. `Arguments` are the arguments of its error function after the
/// exception: the response, and the request if the library has one. Adapters with more options
/// (httplib_options, restinio_options) begin with the same members.
///
/// The functions may be called on any of the threads that answer requests.
template <class... Arguments>
struct adapter_options {
  /// Answers the request after an exception of the handler or of the store. It sets the body and
  /// headers of a new response, whose status is scs::http_status(). A response with status 503 gets
  /// Retry-After unless it has one. Do not send the exception's text: it was not written for
  /// visitors. Empty: the answer is one line of plain text.
  std::function<void(std::exception_ptr, Arguments...)> on_error{};

  /// Called for every failure that a visitor sees as an error only. Exceptions that it throws are
  /// dropped.
  std::function<void(const failure&)> on_failure{};

  /// With `passive`, requests to this handler do not count as activity, so that a page that sends
  /// requests by itself does not keep anybody logged in (session::set_passive()).
  request_activity activity = request_activity::counts;
};

}  // namespace scs::http
