#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http.hpp>

#include <scs/http/beast.hpp>
#include <scs/http/detail/connection_list.hpp>
#include <scs/http/detail/request_rules.hpp>
#include <scs/http/detail/response_text.hpp>

namespace scs::http {

/// The request that a listener's handler gets.
using beast_request = boost::beast::http::request<boost::beast::http::string_body>;

/// One connection of a listener, for handlers that send their response themselves: with send(), as
/// a stream (`write_stream(connection, exchange, …)`, because it is an AsyncWriteStream), or as
/// another protocol after take_over(). It is used on its executor only, and by one coroutine at a
/// time. It lives until the handler has returned.
template <class Transport>
class beast_connection final : public detail::connection_control {
 public:
  using stream_type = typename Transport::stream_type;
  using executor_type = boost::asio::any_io_executor;

  beast_connection(boost::asio::ip::tcp::socket socket, const Transport& transport,
                   detail::listener_state& listener)
      : listener_(listener), transport_(transport), stream_(transport.wrap(std::move(socket))) {
    if constexpr (writes_at_once) {  // for synchronous writes, see write_at_once()
      boost::system::error_code ignored;
      stream_.non_blocking(true, ignored);
    }
    listener_.connections.add(this);
  }
  ~beast_connection() override {
    listener_.connections.remove(this);
    listener_.on_removed();
  }

  executor_type get_executor() override { return stream_.get_executor(); }
  /// The executor on which the store may block, as a beast_exchange needs it.
  const executor_type& store() const noexcept { return listener_.store; }
  /// Whether the listener is stopping. A handler that could run for long should return then.
  bool stopping() const noexcept { return listener_.stopping; }

  /// Sends a complete response, as respond_with() returns it. Adds `Connection: close` if the
  /// connection is not kept. Returns whether the connection may be kept, which the handler then
  /// returns.
  boost::asio::awaitable<bool> send(beast_response answer) {
    if (detail::may_have_body(static_cast<int>(answer.result_int())) &&
        (answer.chunked() || !answer.has_content_length())) {
      answer.prepare_payload();
    }
    if (!may_be_kept()) answer.keep_alive(false);
    bool sent = write_at_once(answer);
    if (!sent) sent = co_await write_rest();
    co_return sent&& answer.keep_alive();
  }

  /// Sends some of these bytes within the write timeout. Meets the requirements of
  /// AsyncWriteStream.
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_compose<Token, void(boost::system::error_code, std::size_t)>(
        [this, buffers, begun = false](auto& self, boost::system::error_code failed = {},
                                       std::size_t count = 0) mutable {
          if (!begun) {
            begun = true;
            enter(phase::writing, listener_.options.write_timeout);
            stream_.async_write_some(buffers, std::move(self));
            return;
          }
          enter(phase::handling);
          if (failed) visitor_has_left_ = true;
          self.complete(failed, count);
        },
        token, stream_);
  }

  /// Returns the stream, for another protocol such as WebSocket. The handler may use it freely,
  /// without time limits, and returns false when it is done. When the listener stops, the
  /// connection is closed after the stop timeout.
  stream_type& take_over() noexcept {
    visitor_has_left_ = true;  // unknown from now on
    return stream_;
  }
  /// Whether a system error may mean that the visitor closed the connection.
  bool visitor_has_left() const noexcept { return visitor_has_left_; }
  /// Whether the connection can serve another request after this one.
  bool may_be_kept() const noexcept {
    return !stopping() && requests_ < listener_.options.keep_alive_requests;
  }
  /// The bytes that were received after the request.
  boost::beast::flat_buffer& received() noexcept { return buffer_; }

  /// For the listener: serves requests until the connection ends. call(connection, request) returns
  /// a response, an awaitable response, or an awaitable that says whether the connection may be
  /// kept.
  template <class Call>
  boost::asio::awaitable<void> serve(Call& call) {
    if constexpr (requires { transport_.begin(stream_); }) {
      enter(phase::closing, listener_.options.header_timeout);
      if (!co_await transport_.begin(stream_)) co_return;
    }
    for (bool kept = true; kept;) {
      request_parser parser;
      const reception got = co_await receive(parser);
      if (got.refusal != 0) {
        beast_response answer = detail::refusal(got.refusal, parser.get().method());
        bool sent = write_at_once(answer);
        if (!sent) sent = co_await write_rest();
        if (!sent) co_return;
        break;
      }
      if (!got.whole) co_return;
      const beast_request& request = parser.get();
      using result = std::invoke_result_t<Call&, beast_connection&, const beast_request&>;
      if constexpr (std::is_same_v<result, boost::asio::awaitable<bool>>) {
        kept = co_await call(*this, request) && request.keep_alive() && may_be_kept();
      } else {
        beast_response answer;
        if constexpr (std::is_same_v<result, beast_response>) {
          answer = call(*this, request);
        } else {
          answer = co_await call(*this, request);
        }
        if (!may_be_kept()) answer.keep_alive(false);
        kept = answer.keep_alive();
        bool sent = write_at_once(answer);
        if (!sent) sent = co_await write_rest();
        if (!sent) co_return;
      }
    }
    co_await linger();
  }

  void expire() override {
    if (!late(listener_.clock.now())) return;  // it has continued meanwhile
    boost::system::error_code ignored;
    if (phase_ == phase::idle || phase_ == phase::receiving) {
      expired_ = true;
      socket().cancel(ignored);  // receive() does the rest
    } else {
      socket().close(ignored);
    }
  }
  void stop() override {
    boost::system::error_code ignored;
    if (phase_ == phase::idle) socket().cancel(ignored);
  }

 private:
  static constexpr bool writes_at_once = std::is_same_v<stream_type, boost::asio::ip::tcp::socket>;
  using request_parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  /// What the connection is doing, which determines what happens at its time limit.
  enum class phase { idle, receiving, handling, writing, closing };

  /// Either a request was received completely, or it must be refused with this status, or the
  /// connection ends.
  struct reception {
    bool whole = false;
    unsigned refusal = 0;
  };

  void enter(phase next) noexcept {
    phase_ = next;
    set_limit(detail::tick_clock::never);
  }
  void enter(phase next, std::chrono::milliseconds limit) noexcept {
    phase_ = next;
    expired_ = false;
    set_limit(listener_.clock.after(limit));
  }

  boost::asio::ip::tcp::socket& socket() { return boost::beast::get_lowest_layer(stream_); }

  boost::asio::awaitable<reception> receive(request_parser& parser) {
    const listener_options& options = listener_.options;
    prepare(parser);
    std::size_t header_bytes = 0;
    std::optional<boost::beast::http::fields> headers_of_chunked;
    for (;;) {
      boost::system::error_code failed;
      while (!failed && buffer_.size() > 0) {
        if (!parser.got_some()) {
          if (drop_empty_line()) continue;  // some clients send one after a body
          if (unread() == "\r") break;      // half of an empty line
          begin_request();
        }
        const bool in_headers = !parser.is_header_done();
        const std::size_t used = parser.put(buffer_.data(), failed);
        buffer_.consume(used);
        if (in_headers) header_bytes += used;
        if (failed && failed != boost::beast::http::error::need_more) {
          co_return reception{.refusal = detail::status_of(failed)};
        }
        // Beast counts a complete line only once.
        const std::size_t unused = failed ? buffer_.size() : 0;
        if ((in_headers ? header_bytes : 0) + unused > options.max_header_bytes) {
          co_return reception{.refusal = 431};
        }
        if (in_headers && parser.is_header_done()) {
          const detail::request_framing framing = detail::check_framing(parser.get().base());
          if (framing.refusal != 0) co_return reception{.refusal = framing.refusal};
          if (!parser.is_done()) {
            enter(phase::receiving, options.body_timeout);
            if (framing.chunked) headers_of_chunked = parser.get().base();
            if (framing.waits_for_continue && buffer_.size() == 0) {
              const bool sent = co_await send_continue();
              if (!sent) co_return reception{};
            }
          }
        }
        if (parser.is_done()) {
          // Beast adds trailers to the headers, where they could change the meaning of the headers.
          boost::beast::http::fields& headers = parser.get();
          if (headers_of_chunked) headers = std::move(*headers_of_chunked);
          ++requests_;
          enter(phase::handling);
          co_return reception{.whole = true};
        }
      }
      if (phase_ == phase::idle && listener_.closing_idle && nothing_waits()) {
        co_return reception{};
      }
      const std::size_t wanted = parser.is_header_done() ? 16384 : 4096;
      const std::size_t count = co_await stream_.async_read_some(
          buffer_.prepare(wanted), boost::asio::redirect_error(boost::asio::use_awaitable, failed));
      buffer_.commit(count);
      if (!failed) continue;
      const bool stopped = !expired_ && failed == boost::asio::error::operation_aborted;
      if (phase_ != phase::idle || !stopped) co_return unfinished(failed);
    }
  }

  /// Prepares for a request of which nothing has been read.
  void prepare(request_parser& parser) {
    const listener_options& options = listener_.options;
    parser.eager(false);  // makes put() return after the headers
    parser.header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
    parser.body_limit(options.max_body_bytes);
    enter(phase::idle, requests_ == 0 ? options.header_timeout : options.keep_alive_timeout);
  }

  /// Returns what to do when no more of a request can be read.
  reception unfinished(const boost::system::error_code& failed) const noexcept {
    if (phase_ == phase::idle) return {};
    if (expired_) return {.refusal = 408};
    return {.refusal = failed == boost::asio::error::eof ? 400U : 0U};
  }

  std::string_view unread() const noexcept {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }
  bool drop_empty_line() noexcept {
    if (!unread().starts_with("\r\n")) return false;
    buffer_.consume(2);
    return true;
  }

  void begin_request() noexcept {
    if (phase_ != phase::idle) return;
    if (requests_ == 0) {
      phase_ = phase::receiving;  // its time began with the connection
    } else {
      enter(phase::receiving, listener_.options.header_timeout);
    }
  }

  bool nothing_waits() {
    boost::system::error_code failed;
    return socket().available(failed) == 0;
  }

  boost::asio::awaitable<bool> send_continue() {
    constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    boost::system::error_code failed;
    co_await boost::asio::async_write(
        stream_, boost::asio::buffer(text),
        boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    co_return !failed;
  }

  /// Sends as much as the system accepts immediately, which is nearly always everything; then the
  /// result is true. Otherwise call write_rest() next, and keep the response alive until that has
  /// returned. (GCC 12 does not wait in `write_at_once(answer) || co_await write_rest()`: use two
  /// statements.)
  bool write_at_once(const beast_response& answer) {
    unsent_.set(answer);
    if constexpr (writes_at_once) {
      boost::system::error_code failed;
      unsent_.was_sent(stream_.write_some(boost::asio::buffer(unsent_.next()), failed));
    }
    return unsent_.empty();
  }

  /// Sends the rest. Returns whether all of it was sent. The write timeout applies to each step.
  boost::asio::awaitable<bool> write_rest() {
    boost::system::error_code failed;
    while (!failed && !unsent_.empty()) {
      enter(phase::writing, listener_.options.write_timeout);
      unsent_.was_sent(co_await stream_.async_write_some(
          boost::asio::buffer(unsent_.next()),
          boost::asio::redirect_error(boost::asio::use_awaitable, failed)));
    }
    enter(phase::handling);
    co_return !failed;
  }

  /// Closes this side, and drops incoming data until the client closes its own side. Closing a
  /// socket with unread data would reset the connection, and the client might lose the response.
  boost::asio::awaitable<void> linger() {
    enter(phase::closing, listener_.options.linger_timeout);
    if constexpr (requires { transport_.end(stream_); }) co_await transport_.end(stream_);
    boost::system::error_code failed;
    socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, failed);
    while (!failed) {
      buffer_.clear();
      co_await socket().async_read_some(
          buffer_.prepare(16384), boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    }
  }

  detail::listener_state& listener_;
  const Transport& transport_;
  stream_type stream_;
  boost::beast::flat_buffer buffer_;
  detail::unsent_response unsent_;
  phase phase_ = phase::idle;
  bool expired_ = false;
  bool visitor_has_left_ = false;
  std::size_t requests_ = 0;
};

}  // namespace scs::http
