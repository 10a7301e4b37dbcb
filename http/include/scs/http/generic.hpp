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
#include <scs/http/detail/header_rules.hpp>
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
  /// Answers instead of the handler after an exception. The response is reset, with its status,
  /// before: 409 for errc::session_gone, else 500. Do not send the exception's text: it was not
  /// written for visitors. Empty: one line of plain text.
  std::function<void(std::exception_ptr, const typename Library::request&,
                     typename Library::response&)>
      on_error{};
  /// Told of what a visitor only sees as an error. What it throws is dropped.
  std::function<void(const failure&)> on_failure{};
};

namespace detail {

/// The status that answers an exception.
inline int status_for(const std::exception_ptr& cause) noexcept {
  try {
    std::rethrow_exception(cause);
  } catch (const scs::error& error) {
    return http_status(error.code());
  } catch (...) {
    return 500;
  }
}

inline std::string_view text_for(int status) noexcept {
  return status == 409 ? "Your session ended while this was going on. Please try again.\n"
                       : "Something went wrong on our side. Please try again later.\n";
}

inline void report_to(const std::function<void(const failure&)>& on_failure, failure_kind kind,
                      std::exception_ptr cause) noexcept {
  if (!on_failure) return;
  try {
    on_failure({kind, std::move(cause)});
  } catch (...) {  // NOLINT(bugprone-empty-catch): as promised
  }
}

/// The session of a request that is kept as Library says.
template <class Library, class Request>
session load_session(session_manager& sessions, const Request& request, load_policy policy) {
  std::vector<std::string> values;
  for (const std::string& name : sessions.request_header_names()) {
    Library::for_each_header(request, name,
                             [&](std::string_view value) { values.emplace_back(value); });
  }
  const std::vector<std::string_view> lines(values.begin(), values.end());
  return sessions.load(lines, policy);
}

/// Appends one of the session's headers, which was checked: a Vary joins the one that is there, and
/// no-store takes the place of every other Cache-Control.
template <class Library, class Response>
void append_header(Response& response, const header& header) {
  if (same_text(header.name, "Vary")) {
    std::optional<std::string> there;
    bool listed = false;
    Library::for_each_header(response, header.name, [&](std::string_view value) {
      listed = listed || lists(value, "*") || lists(value, header.value);
      there = there ? *there + ", " + std::string(value) : std::string(value);
    });
    if (listed) return;
    if (there) {
      Library::erase_header(response, header.name);
      Library::append_header(response, header.name, *there + ", " + header.value);
      return;
    }
  } else if (same_text(header.name, "Cache-Control")) {
    Library::erase_header(response, header.name);
  }
  Library::append_header(response, header.name, header.value);
}

template <class Library, class Response>
void append_headers(Response& response, const std::vector<header>& headers) {
  std::for_each(headers.begin(), headers.end(), check);
  for (const header& header : headers)
    append_header<Library>(response, header);
}

}  // namespace detail

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
      detail::append_headers<Library>(response, headers);
      return;
    } catch (...) {
      cause = std::current_exception();
    }
    detail::report_to(options->on_failure, kind, cause);
    const int status = detail::status_for(cause);
    try {
      if (headers.empty() && current) headers = sessions.abandon(*current);
      Library::reset(response, status, detail::text_for(status));
      if (options->on_error) {
        try {
          options->on_error(cause, request, response);
        } catch (...) {
          detail::report_to(options->on_failure, failure_kind::error_function_threw,
                            std::current_exception());
          Library::reset(response, status, detail::text_for(status));
        }
      }
      detail::append_headers<Library>(response, headers);
    } catch (...) {  // no memory
      try {
        Library::reset(response, 500, "");
      } catch (...) {  // NOLINT(bugprone-empty-catch): nothing more can be done
      }
    }
  };
}

}  // namespace scs::http
