#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include <drogon/HttpAppFramework.h>
#include <drogon/HttpFilter.h>

#include <scs/http/drogon.hpp>

namespace scs::http {

namespace detail {

inline const std::string drogon_attribute = "scs::http::drogon_exchange";

/// A request's session between its filter and its response.
class drogon_request {
 public:
  drogon_request(std::shared_ptr<const drogon_shared> its_shared, const drogon::HttpRequestPtr& of,
                 bool is_handshake)
      : shared(std::move(its_shared)),
        exchange(std::make_shared<drogon_exchange>(shared->sessions, shared->store, of,
                                                   shared->options.activity)),
        loop(drogon_loop::of_this_thread()),
        upgrades(is_handshake) {}

  const std::shared_ptr<const drogon_shared> shared;
  const std::shared_ptr<drogon_exchange> exchange;
  const std::shared_ptr<drogon_loop> loop;
  /// Whether the session was committed before its handler, for a handshake.
  const bool upgrades;

  /// Keeps what the handler has thrown. Returns false if it is too late: the handler has answered
  /// before.
  bool fail(const std::exception_ptr& thrown) {
    const std::lock_guard lock(mutex_);
    if (answered_) return false;
    cause_ = thrown;
    return true;
  }
  /// Returns what the handler has thrown, or null. From now on, fail() returns false.
  std::exception_ptr end() {
    const std::lock_guard lock(mutex_);
    answered_ = true;
    return cause_;
  }

 private:
  std::mutex mutex_;
  bool answered_ = false;
  std::exception_ptr cause_{};
};

/// Returns null if the request has no session by a filter.
inline std::shared_ptr<drogon_request> find_request(const drogon::HttpRequestPtr& request) {
  const drogon::AttributesPtr& attributes = request->attributes();
  if (!attributes->find(drogon_attribute)) return nullptr;
  return attributes->get<std::shared_ptr<drogon_request>>(drogon_attribute);
}

/// Whether Drogon takes the request for a WebSocket's handshake if it is the first of its
/// connection and no other follows it immediately, which an application does not see.
inline bool may_be_handshake(const drogon::HttpRequest& request) {
  return request.method() == drogon::Get && !request.isHead() &&
         same_text(request.getHeader("Upgrade"), "websocket") &&
         lower_case(request.getHeader("Connection")).find("upgrade") != std::string::npos;
}

/// Whether the request has reached the route of a WebSocket controller, or another one of the same
/// path. Call it while the application runs.
inline bool has_websocket_route(const drogon::HttpRequest& request) {
  static const std::set<std::string> paths = [] {
    std::set<std::string> found;
    for (const auto& [path, method, handler] : drogon::app().getHandlersInfo()) {
      if (handler.starts_with("WebsocketController")) found.insert(lower_case(path));
    }
    return found;
  }();
  return paths.contains(lower_case(request.matchedPathPattern()));
}

/// Lets Drogon handle a request whose session is loaded, and returns the response.
inline drogon::Task<drogon::HttpResponsePtr> respond_by_forwarding(
    std::shared_ptr<drogon_request> known, drogon::HttpRequestPtr request) {
  failure_kind kind = failure_kind::handler_threw;
  std::exception_ptr cause;
  try {
    const drogon::HttpResponsePtr answer = co_await drogon_forward(known->loop, request);
    cause = known->end();
    if (!cause) {
      check_response(answer);
      kind = failure_kind::session_failed;
      co_await known->exchange->commit();
      co_return framed(finish(answer, known->shared, known->exchange, request), request);
    }
  } catch (...) {
    cause = std::current_exception();
  }
  co_return co_await failed_answer(known->shared, known->exchange, request, kind, cause);
}

/// Handles one request: once when it comes from a filter, and again when it is forwarded.
inline drogon::Task<> pass_filter(std::shared_ptr<const drogon_shared> shared,
                                  drogon::HttpRequestPtr request,
                                  std::function<void(const drogon::HttpResponsePtr&)> answer,
                                  std::function<void()> proceed) {
  if (find_request(request)) {
    proceed();
    co_return;
  }
  const auto known = std::make_shared<drogon_request>(
      shared, request, may_be_handshake(*request) && has_websocket_route(*request));
  request->attributes()->insert(drogon_attribute, known);
  std::exception_ptr cause;
  try {
    co_await known->exchange->load();
    // The handshake is sent before its handler.
    if (known->upgrades) co_await known->exchange->commit();
  } catch (...) {
    cause = std::current_exception();
  }
  if (!cause && known->upgrades) {
    proceed();
    co_return;
  }
  drogon::HttpResponsePtr response;
  if (cause) {
    response = co_await failed_answer(shared, known->exchange, request,
                                      failure_kind::session_failed, cause);
  } else {
    response = co_await respond_by_forwarding(known, request);
  }
  request->attributes()->erase(drogon_attribute);
  answer(response);
}

/// Does the same, and answers any exception.
inline drogon::Task<> filter(std::shared_ptr<const drogon_shared> shared,
                             drogon::HttpRequestPtr request,
                             std::function<void(const drogon::HttpResponsePtr&)> answer,
                             std::function<void()> proceed) {
  bool failed = false;
  try {
    co_await pass_filter(std::move(shared), std::move(request), answer, std::move(proceed));
  } catch (...) {  // no memory
    failed = true;
  }
  if (failed) answer(blank_answer(500));
}

/// Answers a handler that has thrown.
inline drogon::Task<> answer_thrown(std::shared_ptr<drogon_request> known,
                                    drogon::HttpRequestPtr request, std::exception_ptr thrown,
                                    std::function<void(const drogon::HttpResponsePtr&)> answer) {
  drogon::HttpResponsePtr response;
  try {
    if (!known->fail(thrown)) {
      known->shared->report(request, failure_kind::handler_threw, thrown);
    } else if (known->upgrades) {
      response = co_await failed_answer(known->shared, known->exchange, request,
                                        failure_kind::handler_threw, thrown);
    }
    // Otherwise it is replaced.
    if (!response) response = drogon::HttpResponse::newHttpResponse();
  } catch (...) {  // no memory
    response = nullptr;
  }
  if (!response) response = blank_answer(500);
  answer(response);
}

/// Adds the headers of a handshake. If the session was changed after its commit, nothing may be
/// sent, because the change is lost: by a filter, or by another handler of the path.
inline void end_handshake(drogon_request& known, const drogon::HttpRequestPtr& request,
                          drogon::HttpResponse& response) {
  if (!known.end() && known.exchange->changed_since_commit()) {
    known.shared->report(request, failure_kind::session_failed,
                         std::make_exception_ptr(std::logic_error(
                             "the session was changed after its commit for a handshake")));
    // Drogon queues the response later than this.
    const auto cut = [local = request->localAddr(), peer = request->peerAddr()] {
      cut_connection(local, peer);
    };
    if (drogon_loop::of_this_thread() == known.loop) {
      cut();
    } else {
      known.loop->queue(cut);
    }
  } else if (response.statusCode() == drogon::k101SwitchingProtocols) {
    known.exchange->append(response);
  }
}

/// Answers exceptions of handlers, and adds the headers of a handshake.
inline void prepare(drogon::HttpAppFramework& app) {
  close_ambiguous_connections(app);
  app.setExceptionHandler([others = app.getExceptionHandler()](
                              const std::exception& thrown, const drogon::HttpRequestPtr& request,
                              std::function<void(const drogon::HttpResponsePtr&)>&& answer) {
    const std::shared_ptr<drogon_request> known = find_request(request);
    if (!known) {
      others(thrown, request, std::move(answer));
      return;
    }
    drogon::async_run([known, request, cause = std::current_exception(),
                       answer = std::move(answer)]() -> drogon::Task<> {
      co_await answer_thrown(known, request, cause, answer);
    });
  });
  app.registerPreSendingAdvice(
      [](const drogon::HttpRequestPtr& request, const drogon::HttpResponsePtr& response) {
        const auto known = find_request(request);
        if (known && known->upgrades) end_handshake(*known, request, *response);
      });
}

}  // namespace detail

/// Returns the request's session in a handler after install() or the filter. A coroutine uses it to
/// call run(). Throws errc::not_loaded if the request passed neither. Valid until the handler's
/// response is given to Drogon, and on a WebSocket as long as the request.
inline drogon_exchange& exchange_of(const drogon::HttpRequestPtr& request) {
  const auto known = detail::find_request(request);
  if (!known) {
    throw error(errc::not_loaded,
                "this route has no session: call install(), or name drogon_sessions as a filter");
  }
  return *known->exchange;
}

/// Does the same as exchange_of(request).session(). The session is loaded.
inline session& session_of(const drogon::HttpRequestPtr& request) {
  return exchange_of(request).session();
}

/// A filter that loads the session before the handler, and commits it before the response is sent.
/// Name it for a route, also of a WebSocket controller:
///
///     scs::http::register_filter(drogon::app(), sessions, store);
///     app.registerHandler("/cart", cart, {drogon::Get, "scs::http::drogon_sessions"});
///     WS_PATH_ADD("/chat", "scs::http::drogon_sessions");
///
/// It must be the first filter of a route: those before it are called twice, because it routes the
/// request a second time to learn its response.
class drogon_sessions : public drogon::HttpFilter<drogon_sessions, false> {
 public:
  explicit drogon_sessions(std::shared_ptr<const detail::drogon_shared> shared)
      : shared_(std::move(shared)) {}

  void doFilter(const drogon::HttpRequestPtr& request, drogon::FilterCallback&& answer,
                drogon::FilterChainCallback&& proceed) override {
    drogon::async_run([shared = shared_, request, answer = std::move(answer),
                       proceed = std::move(proceed)]() -> drogon::Task<> {
      co_await detail::filter(shared, request, answer, proceed);
    });
  }

 private:
  std::shared_ptr<const detail::drogon_shared> shared_;
};

/// Makes the filter drogon_sessions known to the application. Call it once, before run().
///
/// A handler of such a route must throw only exceptions that are derived from std::exception.
/// Drogon does not answer others.
inline void register_filter(drogon::HttpAppFramework& app, session_manager& sessions,
                            drogon_executor store, drogon_options options = {}) {
  app.registerFilter(
      std::make_shared<drogon_sessions>(std::make_shared<const detail::drogon_shared>(
          detail::drogon_shared{sessions, std::move(store), std::move(options)})));
  detail::prepare(app);
}

/// Loads the session of each request before its handler, and commits it before the response is
/// sent: also of controllers, of files, and of the page for an unknown path. It does the same as
/// register_filter(), so that a WebSocket controller can name the filter: the others of the
/// application do not wait for it. A request that asks for a WebSocket has no session without the
/// filter. Call it once, before run().
inline void install(drogon::HttpAppFramework& app, session_manager& sessions, drogon_executor store,
                    drogon_options options = {}) {
  const auto shared = std::make_shared<const detail::drogon_shared>(
      detail::drogon_shared{sessions, std::move(store), std::move(options)});
  app.registerFilter(std::make_shared<drogon_sessions>(shared));
  detail::prepare(app);
  app.registerPreRoutingAdvice([shared](const drogon::HttpRequestPtr& request,
                                        drogon::AdviceCallback&& answer,
                                        drogon::AdviceChainCallback&& proceed) {
    if (detail::may_be_handshake(*request)) {
      proceed();
      return;
    }
    drogon::async_run([shared, request, answer = std::move(answer),
                       proceed = std::move(proceed)]() -> drogon::Task<> {
      co_await detail::filter(shared, request, answer, proceed);
    });
  });
}

}  // namespace scs::http
