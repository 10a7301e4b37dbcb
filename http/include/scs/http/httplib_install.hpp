#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <httplib.h>

#include <scs/http/failure.hpp>
#include <scs/http/httplib.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for all handlers of a cpp-httplib server.
//
// All versions of cpp-httplib call the installed handlers at these times:
//   pre-routing   First in routing, before the body is read. It is not called for a request that
//                 cannot be parsed, has a bad Range, or is refused by the handler for
//                 Expect: 100-continue.
//   exception     For an exception of pre-routing, a file request handler or a handler. Without it,
//                 the library would send the exception's text to the visitor.
//   error         For every status of 400 and more, before the library adds its own headers.
//   post-routing  For every response, also if pre-routing was not called. The response then has all
//                 headers, also Content-Length and Content-Encoding, and nothing was sent.
// An exception of the last two would end the process.

namespace scs::http {

/// The application's hooks for a server on which scs::http::install() is called. The server keeps
/// only one hook of each kind and cannot return it, so pass the hooks here and not to the server.
/// Several of the server's threads may call them at the same time. If one throws, the error
/// function answers.
struct httplib_hooks {
  /// Runs before routing and may use session_of(). If it answers, httplib does not read a body
  /// that the request may have.
  httplib::Server::HandlerWithResponse pre_routing{};

  /// Runs after the session is committed and before the first byte is sent, also for errors. It may
  /// change headers. It may not change the session, or the body, whose Content-Length is already
  /// set. If pre-routing did not run, there is no session.
  httplib::Server::Handler post_routing{};

  /// Like httplib's error handler, but may throw. It also runs when the session cannot be
  /// committed. It may change the session of a request that did not fail. If it is empty, install()
  /// does not replace the server's error handler, which does not run when a commit fails.
  httplib::Server::HandlerWithResponse error{};

  /// Like httplib's file request handler: runs for a GET request whose file httplib itself serves
  /// (a mount point).
  httplib::Server::Handler file_request{};
};

namespace detail {

/// A request's exchange. It lives from pre-routing until the request is destroyed.
class installed_exchange {
 public:
  installed_exchange(session_manager& sessions, std::shared_ptr<const httplib_options> options,
                     const httplib::Request& request, httplib::Response& response)
      : options_(options), exchange_(sessions, std::move(options), request, response) {
    exchange_.begin();
  }
  installed_exchange(const installed_exchange&) = delete;
  installed_exchange& operator=(const installed_exchange&) = delete;
  ~installed_exchange() {
    if (over_ || change_count() == 0) return;
    try {
      throw std::logic_error(
          "scs::http::install: a changed session was not committed, because the server's "
          "post-routing handler was replaced after install(); give yours in httplib_hooks");
    } catch (...) {
      exchange_.report(failure_kind::session_failed, std::current_exception());
    }
  }

  httplib_exchange& exchange() noexcept { return exchange_; }

  std::uint64_t change_count() const noexcept {
    const session* const session = exchange_.known_session();
    return session ? session->change_count() : 0;
  }

  /// Whether httplib found a file for the request.
  bool serves_file = false;
  /// Whether the application's pre-routing hook answered.
  bool answered_before = false;

  /// Returns true the first time only, because the exchange must be finished or failed once.
  bool end() noexcept { return !std::exchange(over_, true); }

 private:
  const std::shared_ptr<const httplib_options> options_;
  httplib_exchange exchange_;
  bool over_ = false;
};

/// Ties an exchange to its request. It is the request's response_handler, a member that only
/// httplib's clients use. So it is destroyed with the request, and the thread keeps nothing that
/// the next request could find.
struct exchange_slot {
  std::shared_ptr<installed_exchange> exchange;
  bool operator()(const httplib::Response&) const noexcept { return true; }
};

inline installed_exchange* exchange_of(const httplib::Request& request) noexcept {
  const exchange_slot* const slot = request.response_handler.target<exchange_slot>();
  return slot ? slot->exchange.get() : nullptr;
}

/// What install() adds to the server. The server's hooks share it.
class httplib_installation {
 public:
  httplib_installation(session_manager& sessions, httplib_options options, httplib_hooks hooks)
      : sessions_(sessions),
        options_(std::make_shared<const httplib_options>(std::move(options))),
        hooks_(std::move(hooks)) {}

  httplib::Server::HandlerResponse before(const httplib::Request& request,
                                          httplib::Response& response) const {
    // The server's request is not const; only its hooks receive it as const.
    const_cast<httplib::Request&>(request).response_handler =
        exchange_slot{std::make_shared<installed_exchange>(sessions_, options_, request, response)};
    ignore_range_lists(request);
    if (!options_->uncounted_bodies && refuse_uncounted_body(request, response)) {
      exchange_of(request)->answered_before = true;
      return httplib::Server::HandlerResponse::Handled;
    }
    if (!hooks_.pre_routing) return httplib::Server::HandlerResponse::Unhandled;
    const auto answered = hooks_.pre_routing(request, response);
    if (answered == httplib::Server::HandlerResponse::Handled)
      exchange_of(request)->answered_before = true;
    return answered;
  }

  void threw(const httplib::Request& request, httplib::Response& response,
             const std::exception_ptr& cause) const noexcept {
    if (installed_exchange* const installed = exchange_of(request)) {
      installed->end();
      installed->exchange().fail(failure_kind::handler_threw, cause);
    } else {
      fail_without_session(request, response, cause);
    }
  }

  httplib::Server::HandlerResponse error(const httplib::Request& request,
                                         httplib::Response& response) const noexcept {
    try {
      return hooks_.error(request, response);
    } catch (...) {
      threw(request, response, std::current_exception());
      return httplib::Server::HandlerResponse::Handled;
    }
  }

  void after(const httplib::Request& request, httplib::Response& response) const noexcept {
    installed_exchange* const installed = exchange_of(request);
    // httplib then closes the connection, even if the header is removed.
    const bool closes = says_close(response);
    if (installed && installed->end() &&
        !installed->exchange().finish(!is_file(*installed, request, response))) {
      if (hooks_.error && response.status >= 400) error(request, response);
      complete(response, closes);
    }
    if (hooks_.post_routing) call_post_routing(installed, request, response, closes);
    try {
      end_unclear_connection(request, response);
    } catch (...) {  // no memory
      response.headers.clear();
    }
    if (!may_have_body(response.status)) {
      for (const char* name : {"Content-Length", "Transfer-Encoding"})
        response.headers.erase(name);
    }
  }

  void serves_file(const httplib::Request& request, httplib::Response& response) const {
    if (installed_exchange* const installed = exchange_of(request)) installed->serves_file = true;
    if (hooks_.file_request) hooks_.file_request(request, response);
  }

 private:
  /// Whether httplib itself serves a file. Such a response does not depend on a session and may be
  /// cached for everybody.
  static bool is_file(const installed_exchange& installed, const httplib::Request& request,
                      const httplib::Response& response) noexcept {
    // httplib does not call the file request handler for HEAD. A route would have set matches or
    // parameters, and answered_before is set if a hook answered.
    return installed.serves_file || (request.method == "HEAD" && request.matches.empty() &&
                                     !httplib_0_14_has_path_params(request) &&
                                     !installed.answered_before && response.status < 400);
  }

  void call_post_routing(installed_exchange* installed, const httplib::Request& request,
                         httplib::Response& response, bool closes) const noexcept {
    const std::uint64_t before = installed ? installed->change_count() : 0;
    try {
      hooks_.post_routing(request, response);
      if (installed && installed->change_count() != before) {
        throw std::logic_error(
            "scs::http::install: the post-routing hook changed the session, which is committed "
            "before it runs");
      }
      if (installed && installed->exchange().known_session() != nullptr) {
        append_vary<httplib_library>(response.headers, sessions_);
        append_private<httplib_library>(response.headers);
      }
    } catch (...) {
      threw(request, response, std::current_exception());
      complete(response, closes);
    }
  }

  void fail_without_session(const httplib::Request& request, httplib::Response& response,
                            const std::exception_ptr& cause) const noexcept {
    httplib_exchange(sessions_, options_, request, response)
        .fail(failure_kind::handler_threw, cause);
  }

  static bool says_close(const httplib::Response& response) noexcept {
    const auto line = response.headers.find("Connection");
    return line != response.headers.end() && line->second == "close";
  }

  /// Adds to a response of the error function what httplib added to the response that it replaces.
  static void complete(httplib::Response& response, bool closes) noexcept {
    try {
      if (response.content_provider_) collect(response);
      httplib::Headers& headers = response.headers;
      for (const char* name : {"Connection", "Keep-Alive", "Content-Length"}) {
        headers.erase(name);
      }
      if (closes) headers.emplace("Connection", "close");
      headers.emplace("Content-Length", std::to_string(response.body.size()));
      if (!response.body.empty() && headers.count("Content-Type") == 0) {
        headers.emplace("Content-Type", "text/plain");
      }
    } catch (...) {  // no memory
      response.headers.clear();
      response.body.clear();
      response.content_provider_ = nullptr;
      response.status = 500;
      try {
        response.headers.emplace("Content-Length", "0");
      } catch (...) {  // the client has to wait for the end of the connection
      }
    }
  }

  /// Turns a streamed error page into a body, because httplib has already decided for the replaced
  /// response whether and how to encode a stream.
  static void collect(httplib::Response& response) {
    std::string body;
    bool done = false;
    httplib::DataSink sink;
    sink.write = [&](const char* data, std::size_t size) {
      body.append(data, size);
      return true;
    };
    sink.done = [&] { done = true; };
    sink.is_writable = [] { return true; };
    const std::size_t length = response.content_length_;
    bool good = true;
    while (good && !done && (length == 0 || body.size() < length)) {
      good = response.content_provider_(body.size(), length == 0 ? 0 : length - body.size(), sink);
    }
    response.content_provider_ = nullptr;
    response.content_length_ = 0;
    response.is_chunked_content_provider_ = false;
    response.headers.erase("Transfer-Encoding");
    response.body = good ? std::move(body) : std::string();
    if (const auto release = std::exchange(response.content_provider_resource_releaser_, nullptr)) {
      release(good);
    }
  }

  session_manager& sessions_;
  const std::shared_ptr<const httplib_options> options_;
  const httplib_hooks hooks_;
};

}  // namespace detail

/// Gives every request that the server routes a session of this manager. Handlers get it by
/// session_of(request) and need no wrapper. The promises of with() hold here, too: the session is
/// committed before the first byte of the response, also of a streamed one. If a handler throws or
/// a commit fails, options.on_error answers instead. A content provider may read the session but
/// not change it.
///
/// Call it once, before the server runs. It sets the server's pre-routing, post-routing, file
/// request and exception handlers, and its error handler if `hooks` has one. It replaces those that
/// were set before. Do not set them later. Without the pre-routing handler, session_of() throws.
/// Without the post-routing handler, changes are lost, which is reported to options.on_failure.
/// Without the exception handler, the changes of a handler that threw are stored. A server has one
/// manager in this way. For a second manager, wrap handlers in with() in addition.
///
/// Threads: as for with(). `sessions` must outlive the server's run.
inline void install(httplib::Server& server, session_manager& sessions,
                    httplib_options options = {}, httplib_hooks hooks = {}) {
  const bool has_error_hook = static_cast<bool>(hooks.error);
  const auto installation = std::make_shared<const detail::httplib_installation>(
      sessions, std::move(options), std::move(hooks));
  server.set_pre_routing_handler(
      [installation](const httplib::Request& request, httplib::Response& response) {
        return installation->before(request, response);
      });
  server.set_file_request_handler(
      [installation](const httplib::Request& request, httplib::Response& response) {
        installation->serves_file(request, response);
      });
  server.set_exception_handler([installation](const httplib::Request& request,
                                              httplib::Response& response,
                                              std::exception_ptr cause) noexcept {
    installation->threw(request, response, cause);
  });
  server.set_post_routing_handler(
      [installation](const httplib::Request& request, httplib::Response& response) noexcept {
        installation->after(request, response);
      });
  if (has_error_hook) {
    server.set_error_handler(httplib::Server::HandlerWithResponse(
        [installation](const httplib::Request& request, httplib::Response& response) noexcept {
          return installation->error(request, response);
        }));
  }
}

/// Returns the session of a request that a server with install() routes, for handlers, content
/// providers and hooks. It is loaded on first use. The reference is valid as long as the request.
/// Throws std::logic_error for a request without a session: of another server, or one that was
/// answered before routing (400, 414, 416), which an error hook may receive.
inline session& session_of(const httplib::Request& request) {
  detail::installed_exchange* const installed = detail::exchange_of(request);
  if (!installed) {
    throw std::logic_error(
        "scs::http::session_of: this request has no session; call scs::http::install() on its "
        "server, set no pre-routing handler after that, and do not ask for requests that were "
        "refused before routing");
  }
  return installed->exchange().current();
}

}  // namespace scs::http
