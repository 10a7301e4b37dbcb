#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <restinio/request_handler.hpp>

#include <scs/error.hpp>
#include <scs/http/adapter_options.hpp>
#include <scs/http/detail/csrf_headers.hpp>
#include <scs/http/detail/error_answer.hpp>
#include <scs/http/detail/framing.hpp>
#include <scs/http/detail/restinio_library.hpp>
#include <scs/http/detail/session_headers.hpp>
#include <scs/http/detail/session_outcome.hpp>
#include <scs/http/failure.hpp>
#include <scs/session.hpp>
#include <scs/session_manager.hpp>

// Sessions for servers on RESTinio.
//
// A store may block: buntdb blocks for a sync, and Redis and PostgreSQL block for the network. So
// handlers run on an executor that you provide, such as asio's thread_pool, and never on RESTinio's
// threads, which only read requests and write responses.
//
// Guarantees, whatever the handler does: its changes are committed before the first byte of its
// response is sent. Either the complete response is sent, with the session's headers, or nothing of
// it.
//
// Lifetime: a request holds its connection. So join the executor after the server has stopped, and
// before RESTinio's io_context is destroyed: declare the io_context, then the thread_pool, then the
// server. The session manager must outlive all three.

namespace scs::http {

/// The response of a handler. The adapter sends it: do not call request->create_response().
struct restinio_response {
  /// The status.
  restinio::http_status_line_t status{restinio::status_ok()};
  /// Several headers of one name stay separate. The adapter sets Content-Length and
  /// Transfer-Encoding.
  restinio::http_header_fields_t headers{};
  /// The body.
  std::string body{};
  /// If set, it returns the body in chunks, until it returns an empty optional, and `body` is
  /// ignored. It is called on the executor when the previous chunk was written, and never
  /// concurrently. It may read the session. A change to the session, or an exception, closes the
  /// connection, so that the visitor does not accept the body as complete, and is reported.
  std::function<std::optional<std::string>()> next_chunk{};
  /// If set, it upgrades the connection instead of a response. It passes the headers, which include
  /// those of the session and Sec-WebSocket-Accept, to restinio::websocket::basic::upgrade(). It
  /// may keep the session, which one thread at a time may use and commit:
  /// session_manager::commit().
  std::function<void(restinio::http_header_fields_t, std::shared_ptr<session>)> upgrade{};
};

/// The options of this adapter. See adapter_options for on_error, on_failure and activity.
struct restinio_options {
  /// Fills a response before the handler gets it, and again before on_error gets it, for example
  /// with Server and Date.
  std::function<void(restinio_response&)> prepare{};
  std::function<void(std::exception_ptr, const restinio::http_request_header_t&,
                     restinio_response&)>
      on_error{};
  std::function<void(const failure&)> on_failure{};
  request_activity activity = request_activity::counts;
};

namespace detail {

/// What the requests of one handler share.
struct restinio_shared {
  session_manager& sessions;
  restinio::default_asio_executor store;
  restinio_options options;
};

/// Handles one request. Used by one thread at a time.
template <class Request>
class restinio_exchange : public std::enable_shared_from_this<restinio_exchange<Request>> {
 public:
  restinio_exchange(std::shared_ptr<const restinio_shared> shared, std::shared_ptr<Request> request)
      : shared_(std::move(shared)), request_(std::move(request)) {}

  /// Call it once, on the store's executor.
  template <class Handler, class... Parameters>
  void answer(const Handler& handler, Parameters&... parameters) noexcept {
    const connection_handle connection = restinio::impl::access_req_connection(*request_);
    connection_ = connection;
    request_id_ = request_->request_id();
    note_request();
    try {
      send(call(handler, parameters...));
    } catch (...) {  // out of memory
      cut(connection);
    }
    request_.reset();  // a stream may run on another thread now, and does not use it
  }

 private:
  using connection_handle = restinio::impl::connection_handle_t;

  /// Copies what reports contain of the request, because a stream outlives the request.
  void note_request() noexcept {
    if (!shared_->options.on_failure) return;
    try {
      const restinio::http_request_header_t& head = request_->header();
      line_ = loggable_request(head.method().c_str(), {head.path().data(), head.path().size()});
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory, and so no line
    }
  }

  void report(failure_kind kind, const std::exception_ptr& cause) const noexcept {
    report_to(shared_->options.on_failure, kind, cause, line_.method, line_.path);
  }

  restinio_response blank(int status) const {
    restinio_response made;
    switch (status) {
      case 200:
        break;
      case 403:
        made.status = restinio::status_forbidden();
        break;
      case 409:
        made.status = restinio::status_conflict();
        break;
      case 503:
        made.status = restinio::status_service_unavailable();
        break;
      default:
        made.status = restinio::status_internal_server_error();
    }
    return made;
  }

  template <class Handler, class... Parameters>
  restinio_response call(const Handler& handler, Parameters&... parameters) {
    failure_kind kind = failure_kind::session_failed;
    std::exception_ptr cause;
    try {
      const restinio::http_request_header_t& head = request_->header();
      session_ = std::make_shared<session>(
          load_session<restinio_library>(shared_->sessions, head,
                                         {.activity = shared_->options.activity,
                                          .method = head.method().c_str(),
                                          .path = {head.path().data(), head.path().size()}}));
      kind = failure_kind::handler_threw;
      restinio_response answer = blank(200);
      if (shared_->options.prepare) shared_->options.prepare(answer);
      std::invoke(handler, *session_, request_, answer, parameters...);
      kind = failure_kind::session_failed;
      outcome_.commit(shared_->sessions, *session_);
      append(answer, answer.next_chunk ? response_kind::stream : response_kind::whole);
      return answer;
    } catch (...) {
      cause = std::current_exception();
    }
    return error_answer(kind, cause);
  }

  restinio_response error_answer(failure_kind kind, const std::exception_ptr& cause) {
    report(kind, cause);
    const int status = status_for(cause);
    restinio_response answer = blank(status);
    const restinio_options& options = shared_->options;
    const auto prepare = [&] {
      if (options.prepare) options.prepare(answer);
      // Cache headers that every response gets are not suitable for an error.
      erase_cache_headers<restinio_library>(answer.headers);
    };
    const auto reset = [&] { answer = blank(status); };
    const auto tell = [&](failure_kind failed, const std::exception_ptr& thrown) {
      report(failed, thrown);
    };
    const restinio::http_request_header_t& head = request_->header();
    if (!answer_error(options, cause, tell, prepare, reset, head, answer)) {
      answer.headers.set_field(restinio::http_field_t::content_type, "text/plain");
      answer.body = text_for(status, cause);
    }
    answer.next_chunk = nullptr;  // an error is not streamed
    answer.upgrade = nullptr;
    if (session_) outcome_.abandon(shared_->sessions, *session_);
    append_retry_after<restinio_library>(answer.headers, answer.status.status_code().raw_code());
    append(answer, response_kind::error);
    return answer;
  }

  void append(restinio_response& answer, response_kind kind) {
    outcome_.append_to<restinio_library>(answer.headers, shared_->sessions, kind);
    if (outcome_.has_dropped_a_line()) report(failure_kind::session_cookie_set_by_handler, nullptr);
  }

  void send(restinio_response answer) {
    if (answer.upgrade) {
      upgrade(answer);
    } else if (!may_have_body(answer.status.status_code().raw_code())) {
      send_head(answer);
    } else if (answer.next_chunk) {
      begin_stream(answer);
    } else {
      auto builder = response<restinio::user_controlled_output_t>(answer);
      builder.set_content_length(answer.body.size());
      if (has_body()) builder.set_body(std::move(answer.body));
      builder.done();
    }
  }

  /// Sends a head without a body. RESTinio's builders would add a Content-Length or a
  /// Transfer-Encoding.
  void send_head(restinio_response& answer) {
    const auto builder = response<restinio::user_controlled_output_t>(answer);
    std::string head = restinio::impl::create_header_string(
        builder.header(), restinio::impl::content_length_field_presence_t::skip_content_length);
    if (const connection_handle connection = connection_.lock())
      end(connection, std::move(head), builder.header().should_keep_alive());
  }

  void upgrade(restinio_response& answer) {
    constexpr auto accept = restinio::http_field_t::sec_websocket_accept;
    const auto* key = request_->header().try_get_field(restinio::http_field_t::sec_websocket_key);
    if (key && !answer.headers.has_field(accept)) {
      answer.headers.set_field(accept, websocket_accept(*key));
    }
    try {
      answer.upgrade(std::move(answer.headers), std::move(session_));
    } catch (...) {
      report(failure_kind::stream_threw, std::current_exception());
      throw;
    }
  }

  /// Whether a body follows the head of a response whose status allows one.
  bool has_body() const { return request_->header().method() != restinio::http_method_head(); }

  /// Returns RESTinio's builder with the response's head. It takes the connection out of the
  /// request.
  template <class Output>
  auto response(restinio_response& answer) {
    restinio_library::fields& fields = answer.headers;
    bool close = framing_of<restinio_library>(request_->header()) == framing::ambiguous;
    restinio_library::for_each_header(fields, "Connection", [&](std::string_view value) {
      close = close || lists(value, "close");
    });
    // RESTinio writes these headers itself, whatever is in the fields.
    for (const char* name : {"Connection", "Content-Length", "Transfer-Encoding"})
      restinio_library::erase_header(fields, name);
    auto builder = request_->template create_response<Output>(std::move(answer.status));
    builder.header().swap_fields(fields);
    if (close) builder.connection_close();
    return builder;
  }

  // Streams a body. RESTinio's builder holds the connection, and the connection holds the callback
  // of a write. So the callback continues the stream without the builder after the head. Otherwise
  // a server that stops during a stream would never release the connection.

  void begin_stream(restinio_response& answer) {
    const bool wanted = has_body();
    auto builder = response<restinio::chunked_output_t>(answer);
    keeps_alive_ = builder.header().should_keep_alive();
    if (wanted) {
      next_chunk_ = std::move(answer.next_chunk);
      builder.flush(goes_on());
    } else {
      builder.flush();
      if (const connection_handle connection = connection_.lock())
        end(connection, {}, keeps_alive_);
    }
  }

  restinio::write_status_cb_t goes_on() {
    return [self = this->shared_from_this()](const auto& failed) {
      const connection_handle connection = self->connection_.lock();
      if (failed || !connection) return;  // the visitor has left, or the server stops
      restinio::asio_ns::post(self->shared_->store,
                              [self, connection] { self->stream_on(connection); });
    };
  }

  void stream_on(const connection_handle& connection) noexcept {
    failure_kind kind = failure_kind::stream_threw;
    std::exception_ptr cause;
    try {
      std::optional<std::string> chunk;
      bool changed = false;
      do {  // an empty chunk would end the stream
        chunk = next_chunk_();
        changed = outcome_.changed_since(*session_);
      } while (!changed && chunk && chunk->empty());
      if (!changed) {
        if (chunk) {
          write(connection, std::move(*chunk));
        } else {
          end(connection, "0\r\n\r\n", keeps_alive_);
        }
        return;
      }
      kind = failure_kind::session_changed_while_streaming;
    } catch (...) {
      cause = std::current_exception();
    }
    cut(connection);
    report(kind, cause);
  }

  void write(const connection_handle& connection, std::string chunk) {
    using namespace restinio;
    writable_items_container_t items;
    items.emplace_back(fmt::format("{:x}\r\n", chunk.size()));
    items.emplace_back(std::move(chunk));
    items.emplace_back(std::string("\r\n"));
    write_group_t group{std::move(items)};
    group.after_write_notificator(goes_on());
    connection->write_response_parts(
        request_id_,
        {response_parts_attr_t::not_final_parts, response_connection_attr(keeps_alive_)},
        std::move(group));
  }

  void end(const connection_handle& connection, std::string last, bool keeps_alive) {
    using namespace restinio;
    writable_items_container_t items;
    if (!last.empty()) items.emplace_back(std::move(last));
    connection->write_response_parts(
        request_id_, {response_parts_attr_t::final_parts, response_connection_attr(keeps_alive)},
        write_group_t{std::move(items)});
  }

  void cut(const connection_handle& connection) noexcept {
    try {
      if (connection) end(connection, {}, false);
    } catch (...) {  // NOLINT(bugprone-empty-catch): RESTinio's time limit closes it
    }
  }

  std::shared_ptr<const restinio_shared> shared_;
  std::shared_ptr<Request> request_;
  std::weak_ptr<restinio::impl::connection_base_t> connection_;
  std::shared_ptr<session> session_;
  session_outcome outcome_;
  request_line line_;
  std::function<std::optional<std::string>()> next_chunk_;
  restinio::request_id_t request_id_{};
  bool keeps_alive_ = false;
};

}  // namespace detail

/// Returns where the request comes from, by its headers, for session::allows_change(). If the token
/// came in a form, add it yourself.
template <class Extra>
csrf_request csrf_request_of(const restinio::generic_request_t<Extra>& request) {
  const restinio::http_request_header_t& head = request.header();
  return detail::csrf_request_in<detail::restinio_library>(head, head.method().c_str());
}

/// Wraps a handler into a request handler of RESTinio, for a server or a route of any of its
/// routers. The handler is called with
///
///     (scs::session&, const restinio::request_handle_t&, scs::http::restinio_response&, …)
///
/// and the router's other arguments, such as its route_params_t. It runs as a whole on the
/// executor, so it may use the session without restrictions, and block. When it returns, the
/// session is committed and then the response is sent. A request handler with extra data gets a
/// generic_request_handle_t.
///
/// Thread safety: the executor's threads may call the handler concurrently. See the top of this
/// file for lifetimes.
template <class Handler>
auto restinio_handler(session_manager& sessions, restinio::default_asio_executor store,
                      Handler handler, restinio_options options = {}) {
  return [handler = std::make_shared<const Handler>(std::move(handler)),
          shared = std::make_shared<const detail::restinio_shared>(detail::restinio_shared{
              sessions, std::move(store), std::move(options)})]<class Extra, class... Parameters>(
             std::shared_ptr<restinio::generic_request_t<Extra>> request,
             Parameters... parameters) -> restinio::request_handling_status_t {
    using exchange = detail::restinio_exchange<restinio::generic_request_t<Extra>>;
    restinio::asio_ns::post(
        shared->store, [made = std::make_shared<exchange>(shared, std::move(request)), handler,
                        given = std::make_tuple(std::move(parameters)...)]() mutable {
          std::apply([&](auto&... each) { made->answer(*handler, each...); }, given);
        });
    return restinio::request_accepted();
  };
}

}  // namespace scs::http
