#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <drogon/HttpRequest.h>
#include <drogon/HttpResponse.h>
#include <drogon/utils/coroutine.h>

#include <scs/error.hpp>
#include <scs/http/adapter_options.hpp>
#include <scs/http/detail/csrf_headers.hpp>
#include <scs/http/detail/drogon_call.hpp>
#include <scs/http/detail/drogon_library.hpp>
#include <scs/http/detail/drogon_stream.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/detail/session_outcome.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for servers on Drogon, for single handlers. scs/http/drogon_install.hpp has them for all
// handlers, and for routes by a filter.
//
// A store may block: buntdb blocks for a sync, and Redis and PostgreSQL block for the network. So
// calls that may block run on an executor that you provide, such as a
// trantor::ConcurrentTaskQueue, and never on an event loop of Drogon. If a nonblocking_store allows
// it, a coroutine's session is loaded and committed on the event loop, which avoids switching
// threads. A handler that is a plain function runs as a whole on the executor.
//
// Guarantees: a handler's changes are committed before the first byte of its response is sent.
// Either the complete response is sent, with the session's headers, or nothing of it.
//
// Lifetime: the session manager must outlive the executor's threads, and these must outlive
// drogon::app().run(). A call of the store that ends after run() has its effect, but its coroutine
// is never continued or destroyed, because the event loop does not exist any more.

namespace scs::http {

/// Calls a function on a thread that may block:
///
///     trantor::ConcurrentTaskQueue threads(8, "sessions");
///     const scs::http::drogon_executor store =
///         [&](std::function<void()> task) { threads.runTaskInQueue(std::move(task)); };
using drogon_executor = std::function<void(std::function<void()>)>;

/// The options of this adapter. The error function changes the response to which the pointer
/// points.
using drogon_options =
    adapter_options<const drogon::HttpRequestPtr&, const drogon::HttpResponsePtr&>;

/// The session of one request while it is loaded, used and committed. One coroutine at a time may
/// use it. drogon_handler() and install() do all steps around a handler. Make it on the event loop
/// of the request; its coroutines continue there.
class drogon_exchange {
 public:
  /// See adapter_options for `activity`.
  drogon_exchange(session_manager& sessions, drogon_executor store,
                  const drogon::HttpRequestPtr& request,
                  request_activity activity = request_activity::counts)
      : sessions_(sessions),
        store_(std::move(store)),
        loop_(detail::drogon_loop::of_this_thread()),
        session_(
            detail::load_session<detail::drogon_library>(sessions, *request,
                                                         {.activity = activity,
                                                          .method = detail::method_of(*request),
                                                          .path = request->getOriginalPath()})) {}
  drogon_exchange(const drogon_exchange&) = delete;
  drogon_exchange& operator=(const drogon_exchange&) = delete;

  /// Loads the session, on the executor if that may block. session() requires it.
  drogon::Task<> load() {
    if (!try_load()) co_await call([this] { session_.load(); });
  }

  /// Does the same as load() if that does not block (session_manager::try_load()). Otherwise it
  /// does nothing and returns false.
  bool try_load() { return sessions_.try_load(session_); }

  /// Returns the session, for get(), put() and everything that is kept until the commit. Throws
  /// errc::not_loaded before load(), because the store must not be called on this thread.
  scs::session& session() {
    if (!session_.loaded()) {
      throw error(errc::not_loaded, "co_await load() before the session is used");
    }
    return session_;
  }

  /// Calls the function with the session on the executor and returns its result. Use it for
  /// functions that change the store immediately: update(), destroy(), save() and load_fresh().
  /// Exceptions of the function pass through.
  template <class Function>
  drogon::Task<std::invoke_result_t<Function&, scs::session&>> run(Function function) {
    co_return co_await call([&] { return function(session_); });
  }

  /// Commits, on the executor if that may block. Then append() adds the session's headers. If it
  /// throws scs::error, nothing of the response may be sent; see abandon().
  drogon::Task<> commit() {
    if (!outcome_.try_commit(sessions_, session_))
      co_await call([this] { outcome_.commit(sessions_, session_); });
  }

  /// Does the same as commit() on this thread, which may block.
  void commit_here() { outcome_.commit(sessions_, session_); }

  /// Call it after a handler or a commit has thrown. Drops the changes, on the executor if that may
  /// block. Then append_to_error() adds the headers for the error's response.
  drogon::Task<> abandon() {
    if (!outcome_.try_abandon(sessions_, session_))
      co_await call([this] { outcome_.abandon(sessions_, session_); });
  }

  /// Adds the headers of a commit to the response. Returns false if it dropped a handler's line for
  /// the session's cookie.
  bool append(drogon::HttpResponse& response) {
    return append(response, detail::is_stream(response) ? detail::response_kind::stream
                                                        : detail::response_kind::whole);
  }
  /// Adds the headers of abandon() to the response of an error.
  void append_to_error(drogon::HttpResponse& response) {
    append(response, detail::response_kind::error);
  }

  /// Whether the session was changed after the commit, which a stream must not do.
  bool changed_since_commit() const noexcept { return outcome_.changed_since(session_); }

 private:
  template <class Function>
  detail::drogon_call<Function> call(Function function) {
    return {store_, loop_, std::move(function)};
  }

  bool append(drogon::HttpResponse& response, detail::response_kind kind) {
    outcome_.append_to<detail::drogon_library>(response, sessions_, kind);
    return !outcome_.has_dropped_a_line();
  }

  session_manager& sessions_;
  drogon_executor store_;
  std::shared_ptr<detail::drogon_loop> loop_;
  scs::session session_;
  detail::session_outcome outcome_;
};

namespace detail {

/// What all requests of a handler share.
struct drogon_shared {
  session_manager& sessions;
  drogon_executor store;
  drogon_options options;

  void report(const drogon::HttpRequestPtr& request, failure_kind kind,
              const std::exception_ptr& cause) const noexcept {
    report_to(options.on_failure, kind, cause, method_of(*request), request->getOriginalPath());
  }
};

inline drogon::HttpResponsePtr blank_answer(int status) {
  drogon::HttpResponsePtr blank = drogon::HttpResponse::newHttpResponse();
  blank->setStatusCode(static_cast<drogon::HttpStatusCode>(status));
  // Cache headers that every response gets are not suitable for an error.
  erase_cache_headers<drogon_library>(*blank);
  return blank;
}

inline drogon::HttpResponsePtr error_answer(const drogon_shared& shared, failure_kind kind,
                                            const std::exception_ptr& cause,
                                            const drogon::HttpRequestPtr& request) {
  const auto report = [&](failure_kind failed, const std::exception_ptr& thrown) {
    shared.report(request, failed, thrown);
  };
  report(kind, cause);
  const int status = status_for(cause);
  drogon::HttpResponsePtr answer;
  const auto reset = [&] { answer = blank_answer(status); };
  // An error function's response is not one of those that Drogon shares, and has no stream.
  if (!answer_error(shared.options, cause, report, reset, reset, request, answer)) {
    answer->setContentTypeCode(drogon::CT_TEXT_PLAIN);
    answer->setBody(std::string(text_for(status, cause)));
  }
  append_retry_after<drogon_library>(*answer, static_cast<int>(answer->statusCode()));
  return answer;
}

/// Prepares a stream_response() that is sent next, whose session was committed.
inline void begin_stream(const drogon::HttpResponse& response,
                         const std::shared_ptr<const drogon_shared>& shared,
                         const std::shared_ptr<drogon_exchange>& exchange,
                         const drogon::HttpRequest& request) {
  const auto* const stream = response.streamCallback().target<drogon_stream>();
  if (stream == nullptr) return;
  stream->begin({.changed = [exchange] { return exchange->changed_since_commit(); },
                 .failed =
                     [shared, local = request.localAddr(), peer = request.peerAddr(),
                      line = loggable_request(method_of(request), request.getOriginalPath())](
                         failure_kind kind, const std::exception_ptr& cause) {
                       cut_connection(local, peer);
                       report_to(shared->options.on_failure, kind, cause, line.method, line.path);
                     }});
}

/// Adds the headers of a commit to the response, and returns what to send.
inline drogon::HttpResponsePtr finish(drogon::HttpResponsePtr answer,
                                      const std::shared_ptr<const drogon_shared>& shared,
                                      const std::shared_ptr<drogon_exchange>& exchange,
                                      const drogon::HttpRequestPtr& request) {
  answer = own_response(answer);
  answer->setExpiredTime(-1);  // of a stream: Drogon would send it to other visitors
  if (!exchange->append(*answer))
    shared->report(request, failure_kind::session_cookie_set_by_handler, nullptr);
  begin_stream(*answer, shared, exchange, *request);
  return answer;
}

/// Throws if a handler has returned no response, which Drogon would not answer.
inline const drogon::HttpResponsePtr& check_response(const drogon::HttpResponsePtr& response) {
  if (!response) throw std::invalid_argument("the handler has returned no response");
  return response;
}

/// What is true of every response.
inline drogon::HttpResponsePtr framed(drogon::HttpResponsePtr answer,
                                      const drogon::HttpRequestPtr& request) {
  if (!may_have_body(static_cast<int>(answer->statusCode()))) answer = without_body(*answer);
  end_ambiguous_connection<drogon_library>(*request, *answer);
  return answer;
}

/// Returns the response to a failed request.
inline drogon::Task<drogon::HttpResponsePtr> failed_answer(
    std::shared_ptr<const drogon_shared> shared, std::shared_ptr<drogon_exchange> exchange,
    drogon::HttpRequestPtr request, failure_kind kind, std::exception_ptr cause) {
  const drogon::HttpResponsePtr answer = error_answer(*shared, kind, cause, request);
  co_await exchange->abandon();
  exchange->append_to_error(*answer);
  co_return framed(answer, request);
}

template <class Handler>
drogon::Task<drogon::HttpResponsePtr> respond(std::shared_ptr<const drogon_shared> shared,
                                              std::shared_ptr<const Handler> handler,
                                              drogon::HttpRequestPtr request) {
  constexpr bool plain = std::is_invocable_r_v<drogon::HttpResponsePtr, const Handler&,
                                               scs::session&, const drogon::HttpRequestPtr&>;
  const auto exchange = std::make_shared<drogon_exchange>(shared->sessions, shared->store, request,
                                                          shared->options.activity);
  drogon::HttpResponsePtr answer;
  failure_kind kind = failure_kind::handler_threw;
  std::exception_ptr cause;
  try {
    if constexpr (plain) {
      co_await exchange->run([&](scs::session& session) {
        answer = check_response((*handler)(session, request));
        kind = failure_kind::session_failed;
        exchange->commit_here();
      });
    } else {
      answer = co_await (*handler)(*exchange, request);
      check_response(answer);
      kind = failure_kind::session_failed;
      co_await exchange->commit();
    }
    answer = framed(finish(std::move(answer), shared, exchange, request), request);
  } catch (...) {
    cause = std::current_exception();
  }
  if (cause) answer = co_await failed_answer(shared, exchange, request, kind, cause);
  co_return answer;
}

}  // namespace detail

/// Returns where the request comes from, by its headers, for session::allows_change(). If the token
/// came in a form, add it yourself.
inline csrf_request csrf_request_of(const drogon::HttpRequestPtr& request) {
  return detail::csrf_request_in<detail::drogon_library>(*request, detail::method_of(*request));
}

/// Ends a connection after a request whose end is ambiguous: two programs that handle it may not
/// agree on where its body ends, and treat a part of it as a request. Call it once, before run().
/// install() and register_filter() call it. Without it, the response only says that the connection
/// ends. Drogon keeps one line of each name, so that a length that is stated twice is not noticed:
/// a proxy must refuse such a request.
inline void close_ambiguous_connections(drogon::HttpAppFramework& app) {
  app.registerPreSendingAdvice(
      [](const drogon::HttpRequestPtr& request, const drogon::HttpResponsePtr& response) {
        if (detail::framing_of<detail::drogon_library>(*request) == detail::framing::ambiguous)
          response->setCloseConnection(true);
      });
}

/// Returns a response whose body is what next() returns until that is empty, in chunks. The event
/// loop calls next() when the previous bytes were sent, so it must not block. It may read the
/// session. A change to the session, or an exception, is reported, and resets the connection, so
/// that the visitor does not accept the body as complete. Only Linux allows this; other systems
/// close the connection, which an HTTP/1.0 client, or one that asked for `Connection: close`, does
/// not distinguish from the end of the body. Status and headers may be set.
inline drogon::HttpResponsePtr stream_response(std::function<std::optional<std::string>()> next) {
  return drogon::HttpResponse::newStreamResponse(detail::drogon_stream(std::move(next)));
}

/// Wraps a handler into a function for HttpAppFramework::registerHandler(). The handler is a
/// coroutine,
///
///     [](scs::http::drogon_exchange& exchange, const drogon::HttpRequestPtr& request)
///         -> drogon::Task<drogon::HttpResponsePtr> {
///       co_await exchange.load();
///       …
///
/// or a plain function `drogon::HttpResponsePtr(scs::session&, const drogon::HttpRequestPtr&)`,
/// which runs as a whole on the executor and may use the session without restrictions. Its route's
/// parameters are in request->getRoutingParameters(). Any exception is answered, also one that is
/// not a std::exception, which Drogon would not answer.
///
/// Thread safety: event loops and the executor's threads may call the handler concurrently.
template <class Handler>
auto drogon_handler(session_manager& sessions, drogon_executor store, Handler handler,
                    drogon_options options = {}) {
  return [handler = std::make_shared<const Handler>(std::move(handler)),
          shared = std::make_shared<const detail::drogon_shared>(
              detail::drogon_shared{sessions, std::move(store), std::move(options)})](
             const drogon::HttpRequestPtr& request,
             std::function<void(const drogon::HttpResponsePtr&)>&& callback) {
    drogon::async_run(
        [handler, shared, request, callback = std::move(callback)]() -> drogon::Task<> {
          drogon::HttpResponsePtr answer;
          try {
            answer = co_await detail::respond<Handler>(shared, handler, request);
          } catch (...) {  // no memory
            answer = detail::blank_answer(500);
          }
          callback(answer);
        });
  };
}

}  // namespace scs::http
