#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <scs/http/adapter_options.hpp>
#include <scs/http/detail/csrf_headers.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/detail/session_outcome.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for an HTTP library without an adapter: write a class with static functions that access
// the library's headers, and use scs::http::with<your_class>(). docs/other-http-libraries.md has a
// complete one on one page.

namespace scs::http {

/// How to access an HTTP library's headers. `call` takes a std::string_view. For events, the class
/// may also have `method(request)` and `path(request)`, which return views into the request.
template <class Library>
concept http_library = requires(const typename Library::request& request,
                                typename Library::response& response,
                                const typename Library::response& answer, std::string_view text,
                                void (*call)(std::string_view)) {
  // Calls `call` with the value of each header line of this name, ignoring letter case, in order.
  Library::for_each_header(request, text, call);
  Library::for_each_header(answer, text, call);
  // Adds a line to those that exist.
  Library::append_header(response, text, text);
  // Removes all lines of this name, ignoring letter case.
  Library::erase_header(response, text);
  // Makes the response what it is before any handler, but with this status and text.
  Library::reset(response, 500, text);
};

template <http_library Library>
/// The options of such an adapter.
using generic_options =
    adapter_options<const typename Library::request&, typename Library::response&>;

namespace detail {

/// Handles one request with a handler.
template <class Library>
class generic_exchange {
 public:
  using request_type = typename Library::request;
  using response_type = typename Library::response;

  generic_exchange(session_manager& sessions, const generic_options<Library>& options,
                   const request_type& request, response_type& response) noexcept
      : sessions_(sessions), options_(options), request_(request), response_(response) {}

  template <class Handler>
  void run(const Handler& handler) noexcept {
    failure_kind kind = failure_kind::session_failed;
    std::exception_ptr cause;
    try {
      session_.emplace(load_session<Library>(sessions_, request_, info()));
      kind = failure_kind::handler_threw;
      std::invoke(handler, *session_, request_, response_);
      kind = failure_kind::session_failed;
      outcome_.commit(sessions_, *session_);
      finish(response_kind::whole);
      return;
    } catch (...) {
      cause = std::current_exception();
    }
    report(kind, cause);
    try {
      answer(cause);
    } catch (...) {  // out of memory
      try {
        Library::reset(response_, 500, "");
      } catch (...) {  // NOLINT(bugprone-empty-catch): nothing more can be done
      }
    }
  }

 private:
  request_info info() const {
    request_info known{.activity = options_.activity};
    if constexpr (requires { std::string_view(Library::method(request_)); })
      known.method = Library::method(request_);
    if constexpr (requires { std::string_view(Library::path(request_)); })
      known.path = Library::path(request_);
    return known;
  }

  void report(failure_kind kind, const std::exception_ptr& cause) const noexcept {
    if (!options_.on_failure) return;
    const request_info known = info();
    report_to(options_.on_failure, kind, cause, known.method, known.path);
  }

  void answer(const std::exception_ptr& cause) {
    const int status = status_for(cause);
    const auto reset = [&] {
      Library::reset(response_, status, text_for(status, cause));
      erase_cache_headers<Library>(response_);
    };
    if (session_) outcome_.abandon(sessions_, *session_);
    const auto tell = [&](failure_kind kind, const std::exception_ptr& thrown) {
      report(kind, thrown);
    };
    if (!answer_error(options_, cause, tell, reset, reset, request_, response_)) {
      append_retry_after<Library>(response_, status);
    }
    finish(response_kind::error);
  }

  void finish(response_kind kind) {
    outcome_.append_to<Library>(response_, sessions_, kind);
    if (outcome_.has_dropped_a_line()) report(failure_kind::session_cookie_set_by_handler, nullptr);
    end_ambiguous_connection<Library>(request_, response_);
  }

  session_manager& sessions_;
  const generic_options<Library>& options_;
  const request_type& request_;
  response_type& response_;
  std::optional<session> session_;
  session_outcome outcome_;
};

}  // namespace detail

/// Returns where the request comes from, by its headers, for session::allows_change(). If the token
/// came in a form, add it yourself.
template <http_library Library>
csrf_request csrf_request_of(const typename Library::request& request, std::string_view method) {
  return detail::csrf_request_in<Library>(request, method);
}

/// Wraps a handler that is called with (scs::session&, const request&, response&) into a function
/// of a request and a response that does not throw. The session is loaded on first use and
/// committed when the handler returns, before anything is sent. If the handler or the commit fails,
/// nothing of the handler's response is left, and the error function answers.
///
/// Thread safety: any number of threads may call the result at the same time, if the handler allows
/// it. `sessions` must outlive it.
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
    detail::generic_exchange<Library>(sessions, *options, request, response).run(handler);
  };
}

}  // namespace scs::http
