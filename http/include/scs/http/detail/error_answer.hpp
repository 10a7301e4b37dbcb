#pragma once

#include <exception>
#include <functional>
#include <string_view>
#include <utility>

#include <scs/error.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/failure.hpp>

// How an adapter answers when the handler or the session has failed.

namespace scs::http::detail {

/// Returns the status for an exception.
inline int status_for(const std::exception_ptr& cause) noexcept {
  try {
    std::rethrow_exception(cause);
  } catch (const scs::error& error) {
    return http_status(error.code());
  } catch (...) {
    return 500;
  }
}

inline std::string_view text_for(int status, const std::exception_ptr& cause = {}) noexcept {
  if (code_of(cause) == errc::store_busy) {
    return "Nothing was changed: too many changes wait to be stored. Please try again in a few "
           "seconds.\n";
  }
  switch (status) {
    case 403:
      return "Please log in once more to do this.\n";
    case 409:
      return "Your session ended while this was going on. Please try again.\n";
    default:
      return "Something went wrong on our side. Please try again later.\n";
  }
}

/// Adds Retry-After, in seconds, to the response of a temporary error, unless the response has one.
template <class Library, class Response>
void append_retry_after(Response& response, int status) {
  if (status == 503 && !has_header<Library>(response, "Retry-After"))
    Library::append_header(response, "Retry-After", "5");
}

inline void report_to(const std::function<void(const failure&)>& on_failure, failure_kind kind,
                      const std::exception_ptr& cause, std::string_view method = {},
                      std::string_view path = {}) noexcept {
  if (!on_failure) return;
  try {
    request_line request = loggable_request(method, path);
    on_failure({.kind = kind,
                .code = code_of(cause),
                .text = describe(cause),
                .method = std::move(request.method),
                .path = std::move(request.path),
                .cause = cause});
  } catch (...) {  // NOLINT(bugprone-empty-catch): as promised
  }
}

/// Answers an exception with the error function of the options (adapter_options or similar), if
/// there is one. prepare() turns the response in the arguments into a new one for the error
/// function. If the error function throws, report() reports it and reset() makes a new response
/// again. Returns false if the adapter has to write its own text.
template <class Options, class Report, class Prepare, class Reset, class... Arguments>
bool answer_error(const Options& options, const std::exception_ptr& cause, const Report& report,
                  const Prepare& prepare, const Reset& reset, Arguments&... arguments) {
  try {
    prepare();
    if (!options.on_error) return false;
    options.on_error(cause, arguments...);
    return true;
  } catch (...) {
    report(failure_kind::error_function_threw, std::current_exception());
  }
  reset();
  return false;
}

}  // namespace scs::http::detail
