#pragma once

#include <exception>
#include <functional>

#include <scs/http/failure.hpp>
#include <scs/session_manager.hpp>

namespace scs::http {

/// What every adapter can be told. `Arguments` are what its error function gets beside the
/// exception: the response, and the request where the library has one. The options of adapters that
/// can be told more (httplib_options, restinio_options) begin with the same members.
///
/// Called from any of the threads that answer requests.
template <class... Arguments>
struct adapter_options {
  /// Answers instead of the handler after an exception, of the handler or of the store: sets body
  /// and headers of a response that is new, with the status of scs::http_status(). A page with 503
  /// gets Retry-After unless it has one. Do not send the exception's text: it was not written for
  /// visitors. Empty: one line of plain text.
  std::function<void(std::exception_ptr, Arguments...)> on_error{};

  /// Told of what a visitor only sees as an error. What it throws is dropped.
  std::function<void(const failure&)> on_failure{};

  /// `passive`: requests to this handler do not count as activity, so that a page that asks by
  /// itself keeps nobody logged in (session::set_passive()).
  request_activity activity = request_activity::counts;
};

}  // namespace scs::http
