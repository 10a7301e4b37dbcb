#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

#include <scs/http/beast.hpp>
#include <scs/http/beast_connection.hpp>
#include <scs/http/detail/listener_loop.hpp>
#include <scs/http/listener_options.hpp>
#include <scs/session_manager.hpp>

namespace scs::http {

namespace detail {

template <class Handler, class Request>
concept plain_without_session = std::is_invocable_r_v<beast_response, Handler&, const Request&>;

/// Does what respond() does, without a session.
template <class Request, plain_without_session<Request> Handler>
beast_response answer_without_session(Handler& handler, const Request& request,
                                      const beast_options& options) {
  beast_response answer;
  try {
    answer = handler(request);
  } catch (...) {
    answer = error_answer(options, failure_kind::handler_threw, std::current_exception(), request);
  }
  finish(answer, request);
  return answer;
}

/// The same for a coroutine.
template <class Request, class Handler>
boost::asio::awaitable<beast_response> answer_without_session(Handler& handler,
                                                              const Request& request,
                                                              const beast_options& options) {
  beast_response answer;
  try {
    answer = co_await handler(request);
  } catch (...) {
    answer = error_answer(options, failure_kind::handler_threw, std::current_exception(), request);
  }
  finish(answer, request);
  co_return answer;
}

}  // namespace detail

/// Connections without TLS. See beast_tls.hpp for connections with TLS.
struct plain_transport {
  using stream_type = boost::asio::ip::tcp::socket;
  stream_type wrap(boost::asio::ip::tcp::socket socket) const { return socket; }
};

/// The accept loop of a server on Boost.Beast, with its threads, limits and shutdown:
///
///     scs::http::listener listener{{.port = 8080}};
///     listener.run(sessions, handle);  // until SIGTERM or Ctrl-C, or stop()
///
/// It has no routes: the handler examines the request's target.
///
/// Requests that are malformed, too large or too slow, or whose end is ambiguous, are answered with
/// 400, 408, 413 or 431 in plain text, without calling the handler. The connection ends then.
/// Trailers of a chunked body are dropped.
///
/// If a service manager expects notifications (NOTIFY_SOCKET, systemd's Type=notify), run()
/// notifies it when it accepts connections and when the stop begins.
///
/// Thread safety: one thread calls run(), and any thread may call stop(). Connections are served on
/// the thread of run() and on io_threads - 1 others.
template <class Transport>
class basic_listener {
 public:
  using connection = beast_connection<Transport>;

  /// Listens: from now on the system accepts connections, and run() serves them. Throws
  /// std::invalid_argument for invalid options, and std::system_error with the reason if it cannot
  /// listen.
  explicit basic_listener(listener_options options = {}, Transport transport = {})
      : transport_(std::move(transport)), loop_(std::move(options)) {}
  /// The same with a socket that listens already. The options address, port, backlog and sharing
  /// have no effect.
  explicit basic_listener(listening_socket socket, listener_options options = {},
                          Transport transport = {})
      : transport_(std::move(transport)), loop_(std::move(options), std::move(socket)) {}

  /// The port on which it listens.
  unsigned short port() const noexcept { return loop_.port(); }

  /// Serves requests with sessions, until stop(). The handler is what respond() takes: a coroutine
  /// `awaitable<beast_response>(beast_exchange&, const beast_request&)`, or a plain function
  /// `beast_response(session&, const beast_request&)`, which runs on a thread where the store may
  /// block. With several threads it is called on all of them.
  ///
  /// When it returns, all threads of the listener have ended and all of its coroutines are
  /// destroyed. You may then destroy what they used, such as the database. Throws std::system_error
  /// if no threads can be started or if accepting fails permanently, and std::logic_error if it was
  /// called before.
  template <class Handler>
  void run(session_manager& sessions, Handler handler,
           std::shared_ptr<const beast_options> options = {}) {
    serve(
        [&](connection& on, const beast_request& request) {
          return respond(sessions, on.store(), request, std::ref(handler), options);
        },
        options);
  }

  /// The same without sessions. The handler is `beast_response(const beast_request&)`, a plain
  /// function or a coroutine. To stream and to upgrade, it is a coroutine
  ///
  ///     awaitable<bool> handler(listener::connection& connection, const beast_request& request)
  ///
  /// that sends the response itself, with sessions by respond_with(), and returns whether the
  /// connection may be kept: `co_return co_await connection.send(response);`. These handlers run on
  /// the connection's thread and must not block. An exception of the latter kind of handler closes
  /// the connection. Exceptions are passed to the option on_failure, and those of the former kind
  /// of handler also to on_error.
  template <class Handler>
  void run(Handler handler, std::shared_ptr<const beast_options> options = {}) {
    if constexpr (std::is_invocable_v<Handler&, connection&, const beast_request&>) {
      serve(std::move(handler), options);
    } else {
      const beast_options none;
      const beast_options& chosen = options ? *options : none;
      serve(
          [&](connection&, const beast_request& request) {
            return detail::answer_without_session(handler, request, chosen);
          },
          options);
    }
  }

  /// Ends run(). No new connection is accepted, idle connections are closed, and running requests
  /// are answered with `Connection: close`, including their commits. Requests that are not answered
  /// within the stop timeout are cut off. The listener waits for work on the store's threads, such
  /// as a commit, nevertheless. With a shared port or a socket that was passed, new connections are
  /// left to the other process, those that were accepted are served, and idle ones are closed after
  /// the drain timeout. It returns immediately. If it is called before run(), run() returns as soon
  /// as it is called. After run() it does nothing.
  void stop() { loop_.stop(); }

 private:
  template <class Call>
  void serve(Call call, const std::shared_ptr<const beast_options>& options) {
    loop_.run([&](boost::asio::ip::tcp::socket socket) {
      try {
        auto made = std::make_shared<connection>(std::move(socket), transport_, loop_.state());
        boost::asio::co_spawn(
            made->get_executor(), [made, &call] { return made->serve(call); },
            [made, &options](const std::exception_ptr& failed) {
              report(options, failed, made->visitor_has_left());
            });
      } catch (...) {  // out of memory: only this connection ends
        report(options, std::current_exception(), false);
      }
    });
  }

  static void report(const std::shared_ptr<const beast_options>& options,
                     const std::exception_ptr& failed, bool visitor_has_left) {
    if (!failed || !options) return;
    try {
      std::rethrow_exception(failed);
    } catch (const boost::system::system_error&) {
      if (visitor_has_left) return;
      detail::report_to(options->on_failure, failure_kind::handler_threw, failed);
    } catch (...) {
      detail::report_to(options->on_failure, failure_kind::handler_threw, failed);
    }
  }

  Transport transport_;
  detail::listener_loop loop_;
};

/// A listener for connections without TLS.
using listener = basic_listener<plain_transport>;

}  // namespace scs::http
