#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <httplib.h>

#include <scs/http/adapter_options.hpp>
#include <scs/http/detail/csrf_headers.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/httplib_request.hpp>
#include <scs/http/detail/httplib_version.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/detail/session_outcome.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for cpp-httplib's servers.
//
// Invariants, whatever the handler does:
//   1. No exception reaches httplib. httplib would send its text to the visitor or, if a content
//      provider throws, abort the process.
//   2. The handler's changes are committed before the first byte of its response is sent.
//   3. Either the handler's whole response is sent, with the session's headers, or nothing of it.
//      In the second case the error function answers, with only those headers that were there
//      before the handler ran. The server's default headers are among them.
//
// cpp-httplib before 0.44, which includes Debian's 0.11, 0.18 and 0.41, decodes %XX in request
// headers before the application can read them. So a cookie `a=1%3B name=value` arrives as two. A
// page on another subdomain of your site's domain, which may set cookies for your site, can use
// this to bypass the `__Host-` prefix and plant its own session. If you do not trust the other
// subdomains, let a proxy refuse Cookie headers with a %.

namespace scs::http {

/// on_error, on_failure and activity are as in adapter_options.
struct httplib_options {
  std::function<void(std::exception_ptr, const httplib::Request&, httplib::Response&)> on_error{};
  std::function<void(const failure&)> on_failure{};
  request_activity activity = request_activity::counts;

  /// install() only: whether to accept bodies to which set_payload_max_length() does not apply, so
  /// that cpp-httplib keeps them in memory whatever their size. These are bodies in chunks (before
  /// 0.23) and compressed bodies (before 0.30.1). If false, they are refused with 411 and 415.
  bool uncounted_bodies = false;
};

namespace detail {

/// Access to the headers of cpp-httplib.
struct httplib_library {
  static constexpr bool values_stay = true;

  template <class Call>
  static void for_each_header(const httplib::Request& of, std::string_view name, Call call) {
    for_each_header(of.headers, name, call);
  }
  template <class Call>
  static void for_each_header(const httplib::Headers& of, std::string_view name, Call call) {
    std::vector<std::string_view> lines;
    append_lines_in_order(lines, of, std::string(name));
    for (const std::string_view line : lines)
      call(line);
  }
  static void append_header(httplib::Headers& to, std::string_view name, std::string_view value) {
    add_last_line(to, std::string(name), std::string(value));
  }
  static void erase_header(httplib::Headers& of, std::string_view name) {
    of.erase(std::string(name));
  }
};

/// The handling of one request. The order of calls is: begin() or current(), the handler, then
/// finish() or fail(), once. The session may outlive this object, because a content provider uses
/// it until the response is sent. Used by one thread at a time.
class httplib_exchange {
 public:
  httplib_exchange(session_manager& sessions, std::shared_ptr<const httplib_options> options,
                   const httplib::Request& request, httplib::Response& response) noexcept
      : sessions_(sessions), options_(std::move(options)), request_(request), response_(response) {}

  template <class Call>
  void run(const Call& call) noexcept {
    try {
      begin();
      ignore_range_lists(request_);
      current();
    } catch (...) {
      fail(failure_kind::session_failed);
      return;
    }
    try {
      call(*session_);
    } catch (...) {
      fail(failure_kind::handler_threw);
      return;
    }
    finish();
  }

  /// Call it before anything is added to the response.
  void begin() { headers_before_ = response_.headers; }

  /// Returns the request's session, which the first call makes.
  session& current() {
    if (!session_) {
      session_ = std::make_shared<session>(load_session<httplib_library>(
          sessions_, request_,
          {.activity = options_->activity, .method = request_.method, .path = request_.path}));
    }
    return *session_;
  }

  /// Returns null before the first call of current(). Valid as long as this object.
  const session* known_session() const noexcept { return session_.get(); }

  /// Call it after a handler that returned. `reaches_session` says whether the handler, or a hook
  /// that runs later, could use the session. Returns false if this failed and the error function
  /// has answered.
  bool finish(bool reaches_session = true) noexcept {
    try {
      if (response_.content_provider_ && reaches_session)
        current();  // so that guard_stream() detects changes by the stream
      if (session_) outcome_.commit(sessions_, *session_);
      if (session_ || reaches_session) append(response_kind::whole);
      drop_body_if_none_is_allowed();
      guard_stream();
      guard_connection();
      return true;
    } catch (...) {
      fail(failure_kind::session_failed);
      return false;
    }
  }

  /// Call it in a catch block. Answers with the error function.
  void fail(failure_kind kind) noexcept { fail(kind, std::current_exception()); }

  void fail(failure_kind kind, const std::exception_ptr& cause) noexcept {
    report(kind, cause);
    try {
      if (session_) outcome_.abandon(sessions_, *session_);
      answer(cause);
      append_retry_after<httplib_library>(response_.headers, response_.status);
      append(response_kind::error);
      drop_body_if_none_is_allowed();
      guard_stream();
      guard_connection();
    } catch (...) {  // no memory
      reset_response();
      response_.status = 500;
    }
  }

  void report(failure_kind kind, const std::exception_ptr& cause) const noexcept {
    report_to(options_->on_failure, kind, cause, request_.method, request_.path);
  }

 private:
  /// Returns a function for a stream, which may report after the exchange has ended.
  auto reporter() const {
    request_line line;
    if (options_->on_failure) line = {request_.method, request_.path};
    return [options = options_, request = std::move(line)](failure_kind kind,
                                                           const std::exception_ptr& cause) {
      report_to(options->on_failure, kind, cause, request.method, request.path);
    };
  }

  void append(response_kind kind) {
    if (response_.content_provider_ && kind == response_kind::whole) kind = response_kind::stream;
    outcome_.append_to<httplib_library>(response_.headers, sessions_, kind);
    if (outcome_.has_dropped_a_line()) report(failure_kind::session_cookie_set_by_handler, nullptr);
  }

  void answer(const std::exception_ptr& cause) {
    const auto reset = [&] {
      reset_response();
      response_.headers = headers_before_;
      response_.status = status_for(cause);
      // The server's default headers for caching are not meant for an error.
      erase_cache_headers<httplib_library>(response_.headers);
    };
    const auto tell = [&](failure_kind kind, const std::exception_ptr& thrown) {
      report(kind, thrown);
    };
    if (!answer_error(*options_, cause, tell, reset, reset, request_, response_)) {
      response_.set_content(std::string(text_for(response_.status, cause)), "text/plain");
    }
  }

  /// httplib adds `Content-Length: 0` to a response without a body, which 1xx, 204 and 304 must not
  /// have. It adds nothing if the response has a content provider without a length.
  void drop_body_if_none_is_allowed() {
    if (response_.status <= 0 || may_have_body(response_.status)) return;
    release_stream();
    response_.body.clear();
    response_.content_length_ = 0;
    response_.is_chunked_content_provider_ = false;
    response_.content_provider_ = [](size_t, size_t, httplib::DataSink& sink) {
      sink.done();
      return true;
    };
  }

  /// Discards the handler's stream, which has not begun.
  void release_stream() noexcept {
    const httplib::ContentProviderResourceReleaser release =
        std::exchange(response_.content_provider_resource_releaser_, nullptr);
    if (release) {
      try {
        release(false);
      } catch (...) {
        report(failure_kind::stream_threw, std::current_exception());
      }
    }
  }

  /// Resets everything in the response except its HTTP version.
  void reset_response() noexcept {
    release_stream();
    httplib::Response blank;
    blank.version.swap(response_.version);
    response_ = std::move(blank);
  }

  void guard_connection() {
    ignore_ranges(request_, response_);
    end_unclear_connection(request_, response_);
  }

  /// Keeps a content provider's exceptions from httplib, and keeps the session alive for it.
  void guard_stream() {
    if (response_.content_provider_) {
      response_.content_provider_ = [provider = std::move(response_.content_provider_),
                                     session = session_, changes = change_count_now(),
                                     report = reporter()](size_t offset, size_t length,
                                                          httplib::DataSink& sink) {
        try {
          const bool go_on = provider(offset, length, sink);
          if (!session || session->change_count() == changes) return go_on;
          report(failure_kind::session_changed_while_streaming, nullptr);
        } catch (...) {
          report(failure_kind::stream_threw, std::current_exception());
        }
        return false;
      };
    }
    if (response_.content_provider_resource_releaser_) {
      response_.content_provider_resource_releaser_ =
          [releaser = std::move(response_.content_provider_resource_releaser_), session = session_,
           report = reporter()](bool success) {
            try {
              releaser(success);
            } catch (...) {
              report(failure_kind::stream_threw, std::current_exception());
            }
          };
    }
  }

  std::uint64_t change_count_now() const noexcept {
    return session_ ? session_->change_count() : 0;
  }

  session_manager& sessions_;
  std::shared_ptr<const httplib_options> options_;
  const httplib::Request& request_;
  httplib::Response& response_;
  httplib::Headers headers_before_;
  std::shared_ptr<session> session_;
  session_outcome outcome_;
};

}  // namespace detail

/// Wraps a handler for httplib::Server's Get, Post and so on, so that the handler receives the
/// request's session:
///
///     server.Get("/get", scs::http::with(sessions, [](scs::session& session,
///                                                     const httplib::Request& request,
///                                                     httplib::Response& response) { … }));
///
/// The handler may take a fourth argument, const httplib::ContentReader&. The result is then for
/// the overloads of Post, Put, Patch and Delete that read the body piece by piece.
///
/// The session is loaded on first use, and committed when the handler returns. A content provider
/// that the handler sets runs later. It may read the session, whose reference stays valid until the
/// response is sent. A change to the session, or an exception, ends the stream and is reported to
/// options.on_failure. If the handler throws or the commit fails, options.on_error answers.
///
/// Threads: the server calls the handler from several threads at the same time. `sessions` must
/// outlive the server's run.
template <class Handler>
auto with(session_manager& sessions, Handler&& handler, httplib_options options = {}) {
  using stored_handler = std::decay_t<Handler>;
  constexpr bool plain = std::is_invocable_v<const stored_handler&, session&,
                                             const httplib::Request&, httplib::Response&>;
  constexpr bool reads_content =
      std::is_invocable_v<const stored_handler&, session&, const httplib::Request&,
                          httplib::Response&, const httplib::ContentReader&>;
  static_assert(plain || reads_content,
                "scs: a handler must be callable, as a constant, with (scs::session&, const "
                "httplib::Request&, httplib::Response&), and may take a const "
                "httplib::ContentReader& after that");
  static_assert(std::is_copy_constructible_v<stored_handler>,
                "scs: cpp-httplib copies its handlers, so they must be copyable");

  auto shared_options = std::make_shared<const httplib_options>(std::move(options));
  if constexpr (plain) {
    return httplib::Server::Handler(
        [&sessions, handler = stored_handler(std::forward<Handler>(handler)),
         options = std::move(shared_options)](const httplib::Request& request,
                                              httplib::Response& response) noexcept {
          detail::httplib_exchange(sessions, options, request, response).run([&](session& session) {
            std::invoke(handler, session, request, response);
          });
        });
  } else {
    return httplib::Server::HandlerWithContentReader(
        [&sessions, handler = stored_handler(std::forward<Handler>(handler)),
         options = std::move(shared_options)](const httplib::Request& request,
                                              httplib::Response& response,
                                              const httplib::ContentReader& content) noexcept {
          detail::httplib_exchange(sessions, options, request, response).run([&](session& session) {
            std::invoke(handler, session, request, response, content);
          });
        });
  }
}

/// Returns the origin and the token of the request, for session::allows_change(). The token is that
/// of the header `X-CSRF-Token`, or otherwise of this field of the form (not of a multipart form).
inline csrf_request csrf_request_of(const httplib::Request& request,
                                    const std::string& field = "csrf_token") {
  csrf_request found = detail::csrf_request_in<detail::httplib_library>(request, request.method);
  if (found.token.empty()) found.token = request.get_param_value(field);
  return found;
}

/// A pre-routing handler for a server without install(), which does the same:
///
///     server.set_pre_routing_handler(scs::http::refuse_uncounted_bodies);
///
/// Refuses bodies to which set_payload_max_length() does not apply, so that cpp-httplib would keep
/// them in memory whatever their size. These are bodies in chunks (before 0.23; refused with 411)
/// and compressed bodies (before 0.30.1; refused with 415). Also makes the server ignore a Range
/// line that requests several parts. Call set_payload_max_length(), too: before 0.31, cpp-httplib
/// has no limit by default.
inline httplib::Server::HandlerResponse refuse_uncounted_bodies(const httplib::Request& request,
                                                                httplib::Response& response) {
  detail::ignore_range_lists(request);
  if (!detail::refuse_uncounted_body(request, response))
    return httplib::Server::HandlerResponse::Unhandled;
  detail::end_unclear_connection(request, response);
  return httplib::Server::HandlerResponse::Handled;
}

}  // namespace scs::http
