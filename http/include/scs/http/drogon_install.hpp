#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <drogon/HttpAppFramework.h>
#include <drogon/HttpFilter.h>

#include <scs/http/drogon.hpp>

namespace scs::http {

namespace detail {

inline const std::string drogon_attribute = "scs::http::drogon_exchange";

/// A request's session between its filter and its response.
struct drogon_request {
  std::shared_ptr<drogon_exchange> exchange;
  /// Whether the session was committed before its handler, for a handshake.
  bool upgrades = false;
  /// What the handler threw.
  std::exception_ptr cause{};
};

/// Returns null if the request has no session by a filter.
inline std::shared_ptr<drogon_request> find_request(const drogon::HttpRequestPtr& request) {
  const drogon::AttributesPtr& attributes = request->attributes();
  if (!attributes->find(drogon_attribute)) return nullptr;
  return attributes->get<std::shared_ptr<drogon_request>>(drogon_attribute);
}

inline bool is_websocket(const drogon::HttpRequest& request) {
  return same_text(request.getHeader("Upgrade"), "websocket");
}

/// Lets Drogon handle a request whose session is loaded, and returns the response.
inline drogon::Task<drogon::HttpResponsePtr> respond_by_forwarding(
    std::shared_ptr<const drogon_shared> shared, std::shared_ptr<drogon_request> known,
    drogon::HttpRequestPtr request) {
  failure_kind kind = failure_kind::handler_threw;
  try {
    const drogon::HttpResponsePtr answer =
        co_await drogon_forward(trantor::EventLoop::getEventLoopOfCurrentThread(), request);
    if (!known->cause) {
      check_response(answer);
      kind = failure_kind::session_failed;
      co_await known->exchange->commit();
      co_return framed(finish(answer, shared, known->exchange, request), request);
    }
  } catch (...) {
    known->cause = std::current_exception();
  }
  co_return co_await failed_answer(shared, known->exchange, request, kind, known->cause);
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
  const auto known =
      std::make_shared<drogon_request>(drogon_request{std::make_shared<drogon_exchange>(
          shared->sessions, shared->store, request, shared->options.activity)});
  request->attributes()->insert(drogon_attribute, known);
  known->upgrades = is_websocket(*request);
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
    response = co_await respond_by_forwarding(shared, known, request);
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
    known->cause = std::current_exception();
    answer(drogon::HttpResponse::newHttpResponse());  // which is replaced
  });
  app.registerPreSendingAdvice(
      [](const drogon::HttpRequestPtr& request, const drogon::HttpResponsePtr& response) {
        const auto known = find_request(request);
        if (known && known->upgrades && !may_be_shared(*response))
          known->exchange->append(*response);
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
/// application do not wait for it. Call it once, before run().
inline void install(drogon::HttpAppFramework& app, session_manager& sessions, drogon_executor store,
                    drogon_options options = {}) {
  const auto shared = std::make_shared<const detail::drogon_shared>(
      detail::drogon_shared{sessions, std::move(store), std::move(options)});
  app.registerFilter(std::make_shared<drogon_sessions>(shared));
  detail::prepare(app);
  app.registerPreRoutingAdvice([shared](const drogon::HttpRequestPtr& request,
                                        drogon::AdviceCallback&& answer,
                                        drogon::AdviceChainCallback&& proceed) {
    if (detail::is_websocket(*request)) {
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
