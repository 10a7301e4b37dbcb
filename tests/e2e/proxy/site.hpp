#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket.hpp>

#include <scs/http/beast_listener.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/memory.hpp>

/// The server after the proxy: what docs/behind-a-proxy.md speaks of.
class site {
 public:
  site()
      : sessions_(std::make_unique<scs::stores::memory>()),
        // Larger limits than the proxies': what is refused, they refuse.
        listener_({.max_header_bytes = std::size_t{1} << 18,
                   .max_body_bytes = std::size_t{1} << 23,
                   .on_signal = scs::http::listener_options::signals::leave},
                  counting_transport{&connections}),
        ended_(std::async(std::launch::async, [this] {
          listener_.run(
              [this](auto& on, const scs::http::beast_request& asked) { return serve(on, asked); });
        })) {}
  ~site() { listener_.stop(); }
  site(const site&) = delete;
  site& operator=(const site&) = delete;

  int port() const { return listener_.port(); }

  std::atomic<int> connections = 0;
  std::atomic<int> requests = 0;
  /// Whether the stream of events may end.
  std::atomic<bool> events_end = false;

 private:
  struct counting_transport {
    using stream_type = boost::asio::ip::tcp::socket;
    std::atomic<int>* count;
    stream_type wrap(boost::asio::ip::tcp::socket socket) const {
      ++*count;
      return socket;
    }
  };
  using listener = scs::http::basic_listener<counting_transport>;
  using answer = scs::http::beast_response;

  static answer text(std::string body) {
    answer made{boost::beast::http::status::ok, 11};
    made.body() = std::move(body);
    return made;
  }
  static std::string user_of(scs::http::beast_exchange& exchange) {
    const std::string user = exchange.session().user();
    return user.empty() ? "nobody" : user;
  }
  static std::string line(const scs::http::beast_request& asked, const char* name) {
    return std::string(asked[name]);
  }

  boost::asio::awaitable<bool> serve(listener::connection& on,
                                     const scs::http::beast_request& asked) {
    ++requests;
    if (asked.target() == "/drop") co_return false;
    if (asked.target() == "/public") {
      // For everybody, and so without a session.
      answer made = text("page " + std::to_string(++pages_));
      made.set("Cache-Control", "public, max-age=60");
      co_return co_await on.send(std::move(made));
    }
    scs::http::beast_exchange exchange(sessions_, on.store(), asked);
    if (asked.target() == "/events") co_return co_await send_events(on, exchange);
    if (asked.target() == "/socket") co_return co_await speak(on, exchange, asked);
    answer made = co_await scs::http::respond_with(exchange, asked, handle);
    co_return co_await on.send(std::move(made));
  }

  static boost::asio::awaitable<answer> handle(scs::http::beast_exchange& exchange,
                                               const scs::http::beast_request& asked) {
    co_await exchange.load();
    if (asked.target() == "/login") exchange.session().set_user("ann");
    if (asked.target() == "/me") {
      co_return text(user_of(exchange));
    }
    co_return text("for=" + line(asked, "X-Forwarded-For") +
                   " proto=" + line(asked, "X-Forwarded-Proto") + " host=" + line(asked, "Host"));
  }

  boost::asio::awaitable<bool> send_events(listener::connection& on,
                                           scs::http::beast_exchange& exchange) {
    namespace http = boost::beast::http;
    co_await exchange.load();
    http::response<http::empty_body> head{http::status::ok, 11};
    head.set("Content-Type", "text/event-stream");
    co_await exchange.commit(head);
    exchange.mark_as_stream(head);
    head.chunked(true);
    http::response_serializer<http::empty_body> serializer(head);
    co_await http::async_write_header(on, serializer, boost::asio::use_awaitable);
    const std::string first = "data: " + user_of(exchange) + "\n\n";
    co_await boost::asio::async_write(on, http::make_chunk(boost::asio::buffer(first)),
                                      boost::asio::use_awaitable);
    boost::asio::steady_timer timer(on.get_executor());
    while (!events_end && !on.stopping()) {
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
    const std::string last = "data: end\n\n";
    co_await boost::asio::async_write(on, http::make_chunk(boost::asio::buffer(last)),
                                      boost::asio::use_awaitable);
    co_await boost::asio::async_write(on, http::make_chunk_last(), boost::asio::use_awaitable);
    co_return true;
  }

  /// Answers one message with it and the session's user.
  boost::asio::awaitable<bool> speak(listener::connection& on, scs::http::beast_exchange& exchange,
                                     const scs::http::beast_request& asked) {
    namespace websocket = boost::beast::websocket;
    co_await exchange.load();
    boost::beast::http::fields headers;
    co_await exchange.commit(headers);
    websocket::stream<boost::asio::ip::tcp::socket&> socket(on.take_over());
    socket.set_option(websocket::stream_base::decorator([&](websocket::response_type& head) {
      for (const auto& field : headers)
        head.insert(field.name_string(), field.value());
    }));
    co_await socket.async_accept(asked, boost::asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    co_await socket.async_read(buffer, boost::asio::use_awaitable);
    const std::string said =
        boost::beast::buffers_to_string(buffer.data()) + " " + user_of(exchange);
    co_await socket.async_write(boost::asio::buffer(said), boost::asio::use_awaitable);
    boost::system::error_code ignored;
    co_await socket.async_close(websocket::close_code::normal,
                                boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    co_return false;
  }

  scs::session_manager sessions_;
  int pages_ = 0;
  listener listener_;
  std::future<void> ended_;
};
