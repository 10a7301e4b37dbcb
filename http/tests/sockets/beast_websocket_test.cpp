// A WebSocket ends with its session. The page docs/other-http-libraries.md quotes the lines between
// `// [name]` and `// [/name]`; page_test.cpp compares.

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/beast_listener.hpp>
#include <scs/http/beast_session_watch.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>

#include "fake_store.hpp"
#include "raw_http.hpp"
#include "running_listener.hpp"

namespace scs::http::tests {

namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;
using namespace std::chrono_literals;

// [websocket]
using socket_stream = boost::beast::websocket::stream<boost::asio::ip::tcp::socket&>;

boost::asio::awaitable<void> talk(socket_stream& socket) {
  boost::beast::flat_buffer said;
  for (boost::system::error_code closed; !closed; said.clear()) {
    co_await socket.async_read(said,
                               boost::asio::redirect_error(boost::asio::use_awaitable, closed));
    if (!closed) co_await socket.async_write(said.data(), boost::asio::use_awaitable);
  }
}

boost::asio::awaitable<void> close_when_ended(socket_stream& socket,
                                              boost::asio::awaitable<void> ended) {
  co_await std::move(ended);
  boost::system::error_code ignored;
  co_await socket.async_close(boost::beast::websocket::close_code::policy_error,
                              boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

boost::asio::awaitable<bool> chat(scs::session_manager& sessions, scs::http::session_watch& watch,
                                  scs::http::listener::connection& on,
                                  const scs::http::beast_request& asked) {
  // Browsers send cookies with the WebSockets of any page.
  if (!scs::request_is_same_origin(scs::http::csrf_request_of(asked))) {
    co_return co_await on.send({boost::beast::http::status::forbidden, 11});
  }
  scs::http::beast_exchange exchange(sessions, on.store(), asked);
  co_await exchange.load();
  if (exchange.session().user().empty()) {
    co_return co_await on.send({boost::beast::http::status::unauthorized, 11});
  }
  boost::beast::http::fields headers;  // after the answer, there are none any more
  co_await exchange.commit(headers);
  socket_stream socket(on.take_over());
  socket.set_option(
      boost::beast::websocket::stream_base::timeout::suggested(boost::beast::role_type::server));
  socket.set_option(boost::beast::websocket::stream_base::decorator(
      [&](boost::beast::websocket::response_type& answer) {
        for (const auto& field : headers)
          answer.insert(field.name_string(), field.value());
      }));
  co_await socket.async_accept(asked, boost::asio::use_awaitable);
  using namespace boost::asio::experimental::awaitable_operators;
  co_await (talk(socket) || close_when_ended(socket, watch.ended(on.store(), asked)));
  co_return false;
}
// [/websocket]

/// A visitor with a session and a WebSocket.
class visitor {
 public:
  explicit visitor(int port) : port_(port) {
    const std::string set = http_get(port, "/login").one("Set-Cookie");
    cookie_ = set.substr(0, set.find(';'));
    socket_.next_layer().connect(
        {net::ip::address_v4::loopback(), static_cast<unsigned short>(port)});
    socket_.set_option(websocket::stream_base::decorator(
        [this](websocket::request_type& request) { request.set("Cookie", cookie_); }));
    socket_.handshake("localhost", "/chat");
  }

  std::string echo(const std::string& text) {
    boost::system::error_code failed;
    socket_.write(net::buffer(text), failed);
    boost::beast::flat_buffer said;
    socket_.read(said, failed);
    return failed ? failed.message() : boost::beast::buffers_to_string(said.data());
  }
  http_response get(const std::string& target, const std::string& more_lines = "") {
    return http_get(port_, target, "Cookie: " + cookie_ + "\r\n" + more_lines);
  }
  /// The reason with which the server closes. Waits for it: a test that hangs has failed.
  unsigned closed_with() {
    boost::beast::flat_buffer ignored;
    boost::system::error_code failed;
    std::thread limit([this] {
      for (int i = 0; i < 1000 && !over_; ++i)
        std::this_thread::sleep_for(10ms);
      if (!over_) ::shutdown(socket_.next_layer().native_handle(), SHUT_RDWR);
    });
    socket_.read(ignored, failed);
    over_ = true;
    limit.join();
    return failed == websocket::error::closed ? socket_.reason().code : 0;
  }

 private:
  int port_;
  std::string cookie_;
  net::io_context io_;
  websocket::stream<net::ip::tcp::socket> socket_{io_};
  std::atomic<bool> over_ = false;
};

/// A site whose sessions are in this store.
class site {
 public:
  site(std::unique_ptr<store> store, std::chrono::milliseconds interval)
      : sessions(std::move(store), {.cookie = {.secure = false}}),
        watch(sessions, interval),
        server_({}, [this](listener& on) {
          on.run([this](listener::connection& to, const beast_request& asked) {
            return serve(to, asked);
          });
        }) {}

  int port() const { return server_.port(); }

  session_manager sessions;
  session_watch watch;

 private:
  net::awaitable<bool> serve(listener::connection& on, const beast_request& asked) {
    if (asked.target() == "/chat") co_return co_await chat(sessions, watch, on, asked);
    beast_exchange exchange(sessions, on.store(), asked);
    co_return co_await on.send(co_await respond_with(exchange, asked, handle));
  }
  static net::awaitable<beast_response> handle(beast_exchange& exchange,
                                               const beast_request& asked) {
    co_await exchange.load();
    if (asked.target() == "/login") exchange.session().set_user("ann");
    if (asked.target() == "/put") exchange.session().put("n", 1);
    if (asked.target() == "/logout") {
      co_await exchange.run([](session& session) { session.destroy(); });
    }
    co_return beast_response{boost::beast::http::status::ok, 11};
  }

  running<listener> server_;
};

constexpr unsigned policy_error = 1008;

/// Sessions in buntdb, whose changes wake the watch. It would look by itself in an hour.
class bunt_websocket : public testing::Test {
 protected:
  buntdb::database db_ = buntdb::database::in_memory();
  site site_{std::make_unique<stores::bunt>(db_), 1h};
  buntdb::subscription changes_ = db_.watch({.pattern = "?:*", .values = false});
  std::jthread subscriber_{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (const auto change = changes_.next_for(10ms)) site_.watch.look(change->key);
    }
  }};
};

TEST_F(bunt_websocket, is_closed_by_a_logout_on_another_page) {
  visitor ann(site_.port());
  visitor other(site_.port());
  EXPECT_EQ(ann.echo("hello"), "hello");
  ann.get("/put");
  EXPECT_EQ(ann.echo("changed, not ended"), "changed, not ended");
  ann.get("/logout");
  EXPECT_EQ(ann.closed_with(), policy_error);
  EXPECT_EQ(other.echo("still here"), "still here");
}

TEST_F(bunt_websocket, is_closed_when_all_sessions_of_its_user_are_revoked) {
  visitor one(site_.port());
  visitor two(site_.port());
  site_.sessions.revoke_all("ann");
  EXPECT_EQ(one.closed_with(), policy_error);
  EXPECT_EQ(two.closed_with(), policy_error);
}

TEST_F(bunt_websocket, is_closed_when_everybody_is_logged_out) {
  visitor ann(site_.port());
  site_.sessions.revoke_everybody();
  EXPECT_EQ(ann.closed_with(), policy_error);
}

TEST_F(bunt_websocket, is_refused_without_a_login_and_from_another_sites_page) {
  const std::string upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  EXPECT_EQ(http_get(site_.port(), "/chat", upgrade).status, 401);
  visitor ann(site_.port());
  EXPECT_EQ(ann.get("/chat", upgrade + "Origin: https://evil.example\r\n").status, 403);
}

// This store reports no changes: the watch asks it at intervals.
TEST(memory_websocket, is_closed_by_a_logout_a_moment_later) {
  site site(std::make_unique<stores::memory>(), 20ms);
  visitor ann(site.port());
  visitor other(site.port());
  EXPECT_EQ(ann.echo("hello"), "hello");
  ann.get("/logout");
  EXPECT_EQ(ann.closed_with(), policy_error);
  EXPECT_EQ(other.echo("still here"), "still here");
}

TEST(failing_websocket, is_closed_by_a_logout_after_the_store_was_down) {
  auto owned = std::make_unique<fake_store>();
  fake_store& store = *owned;
  site site(std::move(owned), 10ms);
  visitor ann(site.port());
  const int calls = store.calls;
  store.finds_fail = true;
  for (int i = 0; i < 10'000 && store.calls < calls + 3; ++i)
    std::this_thread::sleep_for(1ms);
  EXPECT_GE(store.calls, calls + 3) << "it asks again after a failure";
  store.finds_fail = false;
  EXPECT_EQ(ann.echo("still here"), "still here");
  ann.get("/logout");
  EXPECT_EQ(ann.closed_with(), policy_error);
}

TEST(memory_websocket, leaves_no_trace_when_the_visitor_goes) {
  site site(std::make_unique<stores::memory>(), 1h);
  std::jthread busy([&](const std::stop_token& stop) {  // so that many leave during a look
    while (!stop.stop_requested())
      site.watch.look();
  });
  for (int i = 0; i < 100; ++i)
    visitor(site.port()).echo("hello");
  visitor other(site.port());
  EXPECT_EQ(other.echo("still here"), "still here");
}

}  // namespace

}  // namespace scs::http::tests
