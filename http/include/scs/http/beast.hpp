#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include <scs/error.hpp>
#include <scs/http/adapter_options.hpp>
#include <scs/http/detail/beast_library.hpp>
#include <scs/http/detail/csrf_headers.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/detail/session_outcome.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for servers on Boost.Beast, with C++20 coroutines. Programs with callbacks use co_spawn.
//
// A store may block: buntdb blocks for a sync, and Redis and PostgreSQL block for the network. So
// calls that may block run on an executor that you provide, such as a boost::asio::thread_pool, and
// never on the thread that serves the connection. Using a session on that thread before it is
// loaded throws errc::not_loaded. If a nonblocking_store allows it, loading and committing happen
// on the connection's thread, which avoids switching threads. A memory store always allows it.
// buntdb allows it unless its file is synced for each commit, a sync is running, or another thread
// is writing. The manager's on_event and codec are then called on the connection's thread. A
// handler that is a plain function always loads and commits on the executor.
//
// A listener (scs/http/beast_listener.hpp) accepts connections and shuts down in the right order.
// If you write your own loop, note that a commit on the executor posts to the connection's
// io_context when it is done:
// 1. Declare the pool before the io_context: coroutines that the latter destroys hold its executor.
// 2. When io_context::run() has returned, call join() of the pool before either is destroyed.
// 3. The session manager and the database must outlive both.
//
// Guarantees: a handler's changes are committed before the first byte of its response is sent.
// Either the complete response is sent, with the session's headers, or nothing of it.

namespace scs::http {

/// The response of a handler.
using beast_response = boost::beast::http::response<boost::beast::http::string_body>;

using beast_request_head = boost::beast::http::request_header<>;  // with a body of any type
/// The options of this adapter.
using beast_options = adapter_options<const beast_request_head&, beast_response&>;

namespace detail {
struct commit_steps;
}

/// The session of one request while it is loaded, used and committed. One coroutine at a time may
/// use it. The manager and the executor's context must outlive it. respond() does all steps around
/// a handler. Call them yourself for streams and upgrades.
class beast_exchange {
 public:
  /// Takes a Beast request, or its fields. See adapter_options for `activity`.
  template <class Fields>
  beast_exchange(session_manager& sessions, boost::asio::any_io_executor store,
                 const Fields& request, request_activity activity = request_activity::counts)
      : sessions_(sessions),
        store_(std::move(store)),
        session_(detail::load_session<detail::beast_library>(sessions, request,
                                                             info_of(request, activity))) {
    if constexpr (requires { request.method_string(); })
      is_head_ = request.method() == boost::beast::http::verb::head;
  }
  beast_exchange(const beast_exchange&) = delete;
  beast_exchange& operator=(const beast_exchange&) = delete;

  /// Loads the session, on the store's executor if that may block. session() requires it.
  boost::asio::awaitable<void> load() {
    if (!try_load()) co_await detail::call_on(store_, [this] { session_.load(); });
  }

  /// Does the same as load() if that does not block (session_manager::try_load()). Otherwise it
  /// does nothing and returns false. `if (!exchange.try_load()) co_await exchange.load();` saves a
  /// coroutine and its allocation: Asio caches the memory of two, for respond() and its handler.
  bool try_load() { return sessions_.try_load(session_); }

  /// Returns the session, for get(), put() and everything that is kept until the commit. Throws
  /// errc::not_loaded before load(), because the store must not be called on this thread.
  scs::session& session() {
    if (!session_.loaded()) {
      throw error(errc::not_loaded, "co_await load() before the session is used");
    }
    return session_;
  }

  /// Calls the function with the session on the store's executor and returns its result. Use it for
  /// functions that change the store immediately: update(), destroy(), save() and load_fresh().
  /// Exceptions of the function pass through.
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&, scs::session&>> run(Function function) {
    return detail::call_on(
        store_,
        [this, function = std::move(function)]() mutable
        -> std::invoke_result_t<Function&, scs::session&> { return function(session_); });
  }

  /// Commits, on the store's executor if that may block, and appends the session's headers to the
  /// response (or to anything with Beast's fields). If it throws scs::error, nothing of the
  /// response may be sent; see abandon().
  template <class Fields>
  boost::asio::awaitable<void> commit(Fields& response) {
    if (!try_commit(response)) co_await commit_on_executor(response);
  }

  /// Does the same as commit() if that does not block (session_manager::try_commit()). Otherwise it
  /// does nothing and returns false.
  template <class Fields>
  bool try_commit(Fields& response) {
    if (!outcome_.try_commit(sessions_, session_)) return false;
    append(response, detail::response_kind::whole);
    return true;
  }

  /// Call it after a handler or a commit has thrown. Drops the changes, on the store's executor if
  /// that may block, and appends the headers for the error's response.
  template <class Fields>
  boost::asio::awaitable<void> abandon(Fields& response) {
    if (!outcome_.try_abandon(sessions_, session_)) {
      co_await detail::call_on(store_, [this] { outcome_.abandon(sessions_, session_); });
    }
    append(response, detail::response_kind::error);
  }

  /// Marks the head of a stream for caches: the body may depend on the session even if the head
  /// does not. write_stream() calls it.
  template <class Fields>
  void mark_as_stream(Fields& head) const {
    detail::append_headers<detail::beast_library>(head, {}, sessions_,
                                                  detail::response_kind::stream);
  }

  /// Whether the session was changed after the commit, which a stream must not do.
  bool changed_since_commit() const noexcept { return outcome_.changed_since(session_); }

  /// Whether a commit dropped a line that the handler set: session_cookie_set_by_handler.
  bool has_dropped_a_line() const noexcept { return outcome_.has_dropped_a_line(); }

  /// Whether the request is HEAD, so that there is no body. False if made from fields only.
  bool is_head() const noexcept { return is_head_; }

  /// Copies the request's method and path, because report() may be called after its destruction.
  void keep_line_of(const auto& request) {
    line_ = {std::string{request.method_string()}, std::string{request.target()}};
  }
  /// Calls on_failure, with the request if its line was kept.
  void report(const beast_options& options, failure_kind kind,
              const std::exception_ptr& cause) const noexcept {
    detail::report_to(options.on_failure, kind, cause, line_.method, line_.path);
  }

 private:
  friend struct detail::commit_steps;

  template <class Fields>
  static request_info info_of(const Fields& request, request_activity activity) {
    request_info known{.activity = activity};
    if constexpr (requires { request.method_string(); }) {
      known.method = {request.method_string().data(), request.method_string().size()};
      known.path = {request.target().data(), request.target().size()};
    }
    return known;
  }

  /// Call it on a thread that may block.
  template <class Fields>
  void commit_here(Fields& response) {
    outcome_.commit(sessions_, session_);
    append(response, detail::response_kind::whole);
  }
  /// Call it after try_commit() was refused.
  template <class Fields>
  boost::asio::awaitable<void> commit_on_executor(Fields& response) {
    co_await detail::call_on(store_, [this] { outcome_.commit(sessions_, session_); });
    append(response, detail::response_kind::whole);
  }

  template <class Fields>
  void append(Fields& response, detail::response_kind kind) {
    outcome_.append_to<detail::beast_library>(response, sessions_, kind);
  }

  session_manager& sessions_;
  boost::asio::any_io_executor store_;
  scs::session session_;
  detail::session_outcome outcome_;
  bool is_head_ = false;
  request_line line_{};
};

namespace detail {

/// The two ways of beast_exchange::commit(). Calling the right one saves a coroutine.
struct commit_steps {
  template <class Fields>
  static void here(beast_exchange& exchange, Fields& response) {
    exchange.commit_here(response);
  }
  template <class Fields>
  static boost::asio::awaitable<void> on_executor(beast_exchange& exchange, Fields& response) {
    return exchange.commit_on_executor(response);
  }
};

inline beast_response error_answer(const beast_options& options, failure_kind kind,
                                   const std::exception_ptr& cause,
                                   const beast_request_head& request) {
  const auto report = [&](failure_kind failed, const std::exception_ptr& thrown) {
    report_to(options.on_failure, failed, thrown, text_of(request.method_string()),
              text_of(request.target()));
  };
  report(kind, cause);
  const int status = status_for(cause);
  beast_response answer;
  const auto reset = [&] {
    answer = beast_response{boost::beast::http::int_to_status(static_cast<unsigned>(status)), 11};
  };
  if (!answer_error(options, cause, report, reset, reset, request, answer)) {
    answer.set(boost::beast::http::field::content_type, "text/plain");
    answer.body() = text_for(status, cause);
  }
  append_retry_after<beast_library>(answer, static_cast<int>(answer.result_int()));
  return answer;
}

/// Sets the response's headers about the connection and its length.
template <class Request>
void finish(beast_response& answer, const Request& request) {
  answer.version(request.version());
  // Beast ignores an unknown Transfer-Encoding, and treats the body as the next request.
  answer.keep_alive(request.keep_alive() &&
                    framing_of<beast_library>(request) != framing::ambiguous);
  if (may_have_body(static_cast<int>(answer.result_int()))) {
    answer.prepare_payload();
    if (request.method() == boost::beast::http::verb::head) answer.body().clear();
  } else {  // prepare_payload() would add a Content-Length, or throw
    answer.body().clear();
    answer.erase(boost::beast::http::field::content_length);
    answer.erase(boost::beast::http::field::transfer_encoding);
  }
}

/// Does respond() with the exchange that make() returns: a new one, or a reference.
template <class Make, class Request, class Handler>
boost::asio::awaitable<beast_response> respond_in(Make make, const Request& request,
                                                  Handler handler,
                                                  std::shared_ptr<const beast_options> options) {
  static const beast_options no_options;
  const beast_options& chosen = options ? *options : no_options;
  decltype(auto) exchange = make();
  constexpr bool plain =
      std::is_invocable_r_v<beast_response, Handler&, scs::session&, const Request&>;
  beast_response answer;
  failure_kind kind = failure_kind::handler_threw;
  std::exception_ptr cause;
  try {
    if (chosen.on_failure) exchange.keep_line_of(request);
    if constexpr (plain) {
      co_await exchange.run([&](scs::session& session) {
        answer = handler(session, request);
        kind = failure_kind::session_failed;
        commit_steps::here(exchange, answer);
      });
    } else {
      answer = co_await handler(exchange, request);
      kind = failure_kind::session_failed;
      if (!exchange.try_commit(answer)) co_await commit_steps::on_executor(exchange, answer);
    }
  } catch (...) {
    cause = std::current_exception();
  }
  if (cause) {
    answer = error_answer(chosen, kind, cause, request);
    co_await exchange.abandon(answer);
  }
  if (exchange.has_dropped_a_line())
    exchange.report(chosen, failure_kind::session_cookie_set_by_handler, nullptr);
  finish(answer, request);
  co_return answer;
}

}  // namespace detail

/// Returns where the request comes from, by its headers, for session::allows_change(). If the token
/// came in a form, add it yourself.
template <class Request>
csrf_request csrf_request_of(const Request& request) {
  const auto method = request.method_string();
  return detail::csrf_request_in<detail::beast_library>(request, {method.data(), method.size()});
}

/// Does the part of respond() that follows after the exchange is made. For servers that continue to
/// use the exchange: for a stream, the response is its head.
template <class Request, class Handler>
boost::asio::awaitable<beast_response> respond_with(
    beast_exchange& exchange, const Request& request, Handler handler,
    std::shared_ptr<const beast_options> options = {}) {
  return detail::respond_in([&exchange]() -> beast_exchange& { return exchange; }, request,
                            std::move(handler), std::move(options));
}

/// Calls the handler with the request's session, commits, and returns the complete response with
/// the session's headers. The handler is a coroutine,
///
///     [](scs::http::beast_exchange& exchange, const auto& request) -> awaitable<beast_response> {
///       co_await exchange.load();
///       …
///
/// or a plain function `beast_response(scs::session&, const Request&)`, which runs as a whole on
/// the store's executor and may use the session without restrictions. `request` and `sessions` must
/// outlive the coroutine. With callbacks: co_spawn(executor, respond(…), [](std::exception_ptr,
/// beast_response answer) {…}). Throws std::bad_alloc only.
template <class Request, class Handler>
boost::asio::awaitable<beast_response> respond(session_manager& sessions,
                                               boost::asio::any_io_executor store,
                                               const Request& request, Handler handler,
                                               std::shared_ptr<const beast_options> options = {}) {
  const auto activity = options ? options->activity : request_activity::counts;
  return detail::respond_in(
      [&sessions, store = std::move(store), &request, activity]() mutable {
        return beast_exchange(sessions, std::move(store), request, activity);
      },
      request, std::move(handler), std::move(options));
}

/// Sends a stream in chunks: the head of the response, whose session was committed before, then
/// what next() returns until that is empty. The session may be read meanwhile. A change to it, or
/// an exception of next(), ends the stream early and is reported. The visitor can detect that it is
/// incomplete, except with HTTP/1.0. The result is then false: the connection must be closed. The
/// connection must also be closed after a head of version 10, which an HTTP/1.0 request needs: its
/// body has no chunks and ends with the connection. For HEAD, only the head is sent; the exchange
/// must have been made from the whole request for that. Throws what writing throws.
template <class Stream, class Next>
boost::asio::awaitable<bool> write_stream(
    Stream& stream, beast_exchange& exchange,
    boost::beast::http::response<boost::beast::http::empty_body> head, Next next,
    std::shared_ptr<const beast_options> options = {}) {
  namespace http = boost::beast::http;
  exchange.mark_as_stream(head);
  if constexpr (requires { stream.may_be_kept(); }) {
    if (!stream.may_be_kept()) head.keep_alive(false);
  }
  const bool has_body = detail::may_have_body(static_cast<int>(head.result_int()));
  const bool in_chunks = head.version() >= 11;
  if (has_body) {
    head.chunked(in_chunks);
    if (!in_chunks) head.keep_alive(false);
  } else {
    head.erase(http::field::content_length);
    head.erase(http::field::transfer_encoding);
  }
  http::response_serializer<http::empty_body> serializer(head);
  co_await http::async_write_header(stream, serializer, boost::asio::use_awaitable);
  if (!has_body || exchange.is_head()) co_return true;
  for (;;) {
    std::exception_ptr cause;
    decltype(next()) chunk;
    failure_kind kind = failure_kind::stream_threw;
    bool failed = false;
    try {
      chunk = next();
      if (exchange.changed_since_commit()) {
        kind = failure_kind::session_changed_while_streaming;
        failed = true;
      }
    } catch (...) {
      cause = std::current_exception();
      failed = true;
    }
    if (failed) {
      if (options) exchange.report(*options, kind, cause);
      co_return false;
    }
    if (!chunk) break;
    if (chunk->empty()) continue;  // would end the stream
    const auto bytes = boost::asio::buffer(*chunk);
    if (in_chunks) {
      co_await boost::asio::async_write(stream, http::make_chunk(bytes),
                                        boost::asio::use_awaitable);
    } else {
      co_await boost::asio::async_write(stream, bytes, boost::asio::use_awaitable);
    }
  }
  if (!in_chunks) co_return false;
  co_await boost::asio::async_write(stream, http::make_chunk_last(), boost::asio::use_awaitable);
  co_return true;
}

}  // namespace scs::http
