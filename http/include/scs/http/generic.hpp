#pragma once

#include <algorithm>
#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/header.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for a library that has no adapter here: write a class of static functions that say how
// the library keeps headers, and use scs::http::with<your_class>(). docs/other-http-libraries.md
// has a complete one on one page.

namespace scs::http {

/// How an HTTP library keeps headers. `call` takes a std::string_view.
template <class Library>
concept http_library = requires(const typename Library::request& request,
                                typename Library::response& response,
                                const typename Library::response& answer, std::string_view text,
                                void (*call)(std::string_view)) {
  // The value of each header line of this name, in any letter case, in order.
  Library::for_each_header(request, text, call);
  Library::for_each_header(answer, text, call);
  // Another line, beside those that are there.
  Library::append_header(response, text, text);
  // All lines of this name, in any letter case.
  Library::erase_header(response, text);
  // Makes the response what it is before any handler, but with this status and text.
  Library::reset(response, 500, text);
};

template <http_library Library>
struct generic_options {
  /// Answers instead of the handler after an exception. The response is reset before, with the
  /// status of scs::http_status(). Do not send the exception's
  /// text: it was not written for visitors. Empty: one line of plain text.
  std::function<void(std::exception_ptr, const typename Library::request&,
                     typename Library::response&)>
      on_error{};
  /// Told of what a visitor only sees as an error. What it throws is dropped.
  std::function<void(const failure&)> on_failure{};
};

/// Wraps a handler, called with (scs::session&, const request&, response&), into a function of a
/// request and a response that does not throw: the session is loaded on first use and committed
/// when the handler returns, before anything is sent. If the handler or the commit fails, nothing
/// of the handler's response is left, and the error function answers.
///
/// Threads: the result may be called by many at once, if the handler may. sessions outlives it.
template <http_library Library, class Handler>
auto with(session_manager& sessions, Handler handler, generic_options<Library> options = {}) {
  using request_type = typename Library::request;
  using response_type = typename Library::response;
  static_assert(std::is_invocable_v<const Handler&, session&, const request_type&, response_type&>,
                "scs: a handler must be callable, as a constant, with (scs::session&, const "
                "request&, response&)");
  return [&sessions, handler = std::move(handler),
          options = std::make_shared<const generic_options<Library>>(std::move(options))](
             const request_type& request, response_type& response) noexcept {
    std::optional<session> current;
    std::vector<header> headers;
    failure_kind kind = failure_kind::session_failed;
    std::exception_ptr cause;
    try {
      current.emplace(detail::load_session<Library>(sessions, request, load_policy::on_first_use));
      kind = failure_kind::handler_threw;
      std::invoke(handler, *current, request, response);
      kind = failure_kind::session_failed;
      headers = sessions.commit(*current);
      detail::append_headers<Library>(response, headers, sessions, detail::response_kind::whole);
      detail::end_ambiguous_connection<Library>(request, response);
      return;
    } catch (...) {
      cause = std::current_exception();
    }
    detail::report_to(options->on_failure, kind, cause);
    const int status = detail::status_for(cause);
    const auto reset = [&] {
      Library::reset(response, status, detail::text_for(status));
      detail::erase_cache_headers<Library>(response);
    };
    try {
      if (headers.empty() && current) headers = sessions.abandon(*current);
      reset();
      bool answered = false;
      if (options->on_error) {
        try {
          options->on_error(cause, request, response);
          answered = true;
        } catch (...) {
          detail::report_to(options->on_failure, failure_kind::error_function_threw,
                            std::current_exception());
          reset();
        }
      }
      if (!answered) detail::append_retry_after<Library>(response, status);
      detail::append_headers<Library>(response, headers, sessions, detail::response_kind::error);
      detail::end_ambiguous_connection<Library>(request, response);
    } catch (...) {  // no memory
      try {
        Library::reset(response, 500, "");
      } catch (...) {  // NOLINT(bugprone-empty-catch): nothing more can be done
      }
    }
  };
}

}  // namespace scs::http
