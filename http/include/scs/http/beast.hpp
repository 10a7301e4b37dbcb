#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

#include <scs/error.hpp>
#include <scs/header.hpp>
#include <scs/http/detail/beast_library.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for servers on Boost.Beast, with C++20 coroutines; with callbacks by co_spawn.
//
// A store may block: buntdb does for a sync, Redis and PostgreSQL do for the network. So what may
// wait runs on an executor of yours, such as a boost::asio::thread_pool, and never on the thread
// that serves the connection; a session that is used there without having been loaded is
// errc::not_loaded. What need not wait is done in place, without a change of threads and back:
// loading from a store that answers from memory (store::find_may_wait(): buntdb and memory), and a
// commit that the store can make at once (store::try_commit(): buntdb, unless its file is synced
// for each commit or is being synced, or somebody else writes, at this moment; and memory). The
// manager's on_event and codec are then called on the connection's thread.
//
// listener (scs/http/beast_listener.hpp) accepts connections and ends in good order. With a loop of
// your own, mind that a commit on the executor posts to the connection's io_context when it is
// done:
// 1. declare the pool before the io_context: coroutines that the latter destroys hold its executor;
// 2. when io_context::run() has returned, call join() of the pool before either is destroyed;
// 3. let the session manager and the database outlive both.
//
// What holds, whatever the handler does: what it changed is committed before the first byte of its
// response, and either all of its response goes out, with the session's headers, or nothing of it.

namespace scs::http {

using beast_response = boost::beast::http::response<boost::beast::http::string_body>;

struct beast_options {
  /// Answers instead of the handler after an exception: gets a response with the status of
  /// scs::http_status(). One with 503 gets Retry-After unless it has one. Do not send the
  /// exception's text: it was not written for visitors. Empty: one line of plain text.
  std::function<void(std::exception_ptr, beast_response&)> on_error{};
  /// Told of what a visitor only sees as an error. What it throws is dropped.
  std::function<void(const failure&)> on_failure{};
};

/// One request's session on its way: loaded, used, committed. Used by one coroutine at a time, and
/// outlived by the manager and the executor's context. respond() does all of this around a handler;
/// by hand it serves streams and upgrades.
class beast_exchange {
 public:
  /// From the request's headers: a Beast request, or its fields.
  template <class Fields>
  beast_exchange(session_manager& sessions, boost::asio::any_io_executor store,
                 const Fields& request)
      : sessions_(sessions),
        store_(std::move(store)),
        session_(detail::load_beast_session(sessions, request)) {
    if constexpr (requires { request.method(); })
      is_head_ = request.method() == boost::beast::http::verb::head;
  }
  beast_exchange(const beast_exchange&) = delete;
  beast_exchange& operator=(const beast_exchange&) = delete;

  /// Asks the store, on its executor if that may wait. session() needs this first.
  boost::asio::awaitable<void> load() {
    if (!try_load()) co_await detail::call_on(store_, [this] { session_.load(); });
  }

  /// The same if the store need not be waited for. Else false, and nothing was done. Where every
  /// microsecond counts, `if (!exchange.try_load()) co_await exchange.load();` saves a coroutine:
  /// Asio keeps the memory of two (BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE), which respond() and
  /// its handler are.
  bool try_load() {
    if (!session_.loaded()) {
      if (sessions_.load_may_wait()) return false;
      session_.load();
    }
    return true;
  }

  /// For get(), put() and all that is kept until the commit. errc::not_loaded before load(): the
  /// store must not be asked from here.
  scs::session& session() {
    if (!session_.loaded()) {
      throw error(errc::not_loaded, "co_await load() before the session is used");
    }
    return session_;
  }

  /// Calls function with the session on the store's executor, and gives what it returns: for what
  /// acts on the store at once, which is update(), destroy() and save(). Throws what it throws.
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&, scs::session&>> run(Function function) {
    return detail::call_on(
        store_,
        [this, function = std::move(function)]() mutable
        -> std::invoke_result_t<Function&, scs::session&> { return function(session_); });
  }

  /// Commits, on the store's executor if that may wait, and appends the session's headers to the
  /// response (or to anything with Beast's fields). If it throws scs::error, nothing of the
  /// response may be sent; see abandon().
  template <class Fields>
  boost::asio::awaitable<void> commit(Fields& response) {
    if (!try_commit(response)) co_await commit_on_executor(response);
  }

  /// The same after a try_commit() in vain.
  template <class Fields>
  boost::asio::awaitable<void> commit_on_executor(Fields& response) {
    co_await detail::call_on(store_, [this] { store_changes(); });
    append(response, detail::response_kind::whole);
  }

  /// The same if nothing has to be waited for. Else false, and nothing was done.
  template <class Fields>
  bool try_commit(Fields& response) {
    std::optional<std::vector<header>> headers = sessions_.try_commit(session_);
    if (!headers) return false;
    keep(std::move(*headers));
    append(response, detail::response_kind::whole);
    return true;
  }

  /// The same in a function that run() calls.
  template <class Fields>
  void commit_here(Fields& response) {
    store_changes();
    append(response, detail::response_kind::whole);
  }

  /// After a handler or a commit that threw: drops the changes, on the store's executor if that may
  /// wait, and appends what the error's response needs.
  template <class Fields>
  boost::asio::awaitable<void> abandon(Fields& response) {
    if (headers_.empty() && session_.loaded() && sessions_.abandon_may_wait()) {
      co_await detail::call_on(store_, [this] { headers_ = sessions_.abandon(session_); });
    } else if (headers_.empty()) {
      headers_ = sessions_.abandon(session_);
    }
    append(response, detail::response_kind::error);
  }

  /// Tells caches, in the head of a stream, that the body may depend on the session even if the
  /// head does not. write_stream() calls it.
  template <class Fields>
  void mark_as_stream(Fields& head) const {
    detail::append_headers<detail::beast_library>(head, {}, sessions_,
                                                  detail::response_kind::stream);
  }

  /// Whether the session was changed after the commit: what a stream must not do.
  bool changed_since_commit() const noexcept { return session_.status() != committed_as_; }

  /// Whether the request is HEAD, so that the response has no body. False if the exchange was made
  /// from fields only.
  bool is_head() const noexcept { return is_head_; }

 private:
  template <class Fields>
  void append(Fields& response, detail::response_kind kind) const {
    detail::append_headers<detail::beast_library>(response, headers_, sessions_, kind);
  }

  void store_changes() { keep(sessions_.commit(session_)); }
  void keep(std::vector<header>&& headers) noexcept {
    headers_ = std::move(headers);
    committed_as_ = session_.status();
  }

  session_manager& sessions_;
  boost::asio::any_io_executor store_;
  scs::session session_;
  std::vector<header> headers_;  // kept: the store has got the session, whatever fails behind it
  session_status committed_as_ = session_status::unmodified;
  bool is_head_ = false;
};

namespace detail {

inline beast_response error_answer(const beast_options& options, failure_kind kind,
                                   const std::exception_ptr& cause) {
  report_to(options.on_failure, kind, cause);
  const int status = status_for(cause);
  const auto blank = [&] {
    return beast_response{boost::beast::http::int_to_status(static_cast<unsigned>(status)), 11};
  };
  beast_response answer = blank();
  bool answered = false;
  if (options.on_error) {
    try {
      options.on_error(cause, answer);
      answered = true;
    } catch (...) {
      report_to(options.on_failure, failure_kind::error_function_threw, std::current_exception());
      answer = blank();
    }
  }
  if (!answered) {
    answer.set(boost::beast::http::field::content_type, "text/plain");
    answer.body() = text_for(status);
  }
  append_retry_after<beast_library>(answer, static_cast<int>(answer.result_int()));
  return answer;
}

/// What a response says of the connection, and of its own length.
template <class Request>
void finish(beast_response& answer, const Request& request) {
  answer.version(request.version());
  // Beast ignores a Transfer-Encoding that it does not know, and takes the body for a request.
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

/// respond() with the exchange that make() gives: one of its own, or a reference.
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
    if constexpr (plain) {
      co_await exchange.run([&](scs::session& session) {
        answer = handler(session, request);
        kind = failure_kind::session_failed;
        exchange.commit_here(answer);
      });
    } else {
      answer = co_await handler(exchange, request);
      kind = failure_kind::session_failed;
      if (!exchange.try_commit(answer)) co_await exchange.commit_on_executor(answer);
    }
  } catch (...) {
    cause = std::current_exception();
  }
  if (cause) {
    answer = error_answer(chosen, kind, cause);
    co_await exchange.abandon(answer);
  }
  finish(answer, request);
  co_return answer;
}

}  // namespace detail

/// The part of respond() that comes after the exchange was made, for servers that go on with it: a
/// stream, whose head the response then is.
template <class Request, class Handler>
boost::asio::awaitable<beast_response> respond_with(
    beast_exchange& exchange, const Request& request, Handler handler,
    std::shared_ptr<const beast_options> options = {}) {
  return detail::respond_in([&exchange]() -> beast_exchange& { return exchange; }, request,
                            std::move(handler), std::move(options));
}

/// Calls the handler with the request's session, commits, and gives the response, complete and with
/// the session's headers. The handler is a coroutine,
///
///     awaitable<beast_response> handler(scs::http::beast_exchange& exchange, const Request&
///     request)
///     {
///       co_await exchange.load();
///       exchange.session().put("message", "Hello world!");
///       …
///     }
///
/// or a plain function `beast_response(scs::session&, const Request&)`, which then runs as a whole
/// on the store's executor and may do everything. request and sessions must live until the end.
/// With callbacks: co_spawn(executor, respond(…), [](std::exception_ptr, beast_response answer)
/// {…}). Throws std::bad_alloc only.
template <class Request, class Handler>
boost::asio::awaitable<beast_response> respond(session_manager& sessions,
                                               boost::asio::any_io_executor store,
                                               const Request& request, Handler handler,
                                               std::shared_ptr<const beast_options> options = {}) {
  return detail::respond_in(
      [&sessions, store = std::move(store), &request]() mutable {
        return beast_exchange(sessions, std::move(store), request);
      },
      request, std::move(handler), std::move(options));
}

/// Sends a stream in chunks: the head of the response, committed before, then what next() gives
/// until it is empty. The session may be read on the way; a change to it, or an exception of
/// next(), ends the stream before its end, and is reported. The visitor sees that it is incomplete,
/// but not in HTTP/1.0, where nothing tells. False then: the connection must be closed. So it must
/// with a head of version 10, which is what an HTTP/1.0 request needs: its body has no chunks and
/// ends with the connection. After HEAD, only the head is sent: the exchange must have been made
/// from the whole request. Throws what writing throws.
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
      if (options) detail::report_to(options->on_failure, kind, cause);
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
