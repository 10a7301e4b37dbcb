// The answers of a listener and its limits, tested over raw sockets.

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>

#include <scs/stores/memory.hpp>

#include "running_listener.hpp"

namespace scs::http::tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre, testing::IsEmpty;
namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using connection = listener::connection;

TEST_F(beast_listener, keeps_a_connection) {
  start();
  http_connection client(server_->port());
  EXPECT_EQ(client.get("/a").body, "GET /a 0");
  EXPECT_EQ(client.request("POST", "/b", "", "12345").body, "POST /b 5");
  EXPECT_EQ(client.get("/c", "Connection: close\r\n").one("Connection"), "close");
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, answers_pipelined_requests_in_order) {
  start();
  const std::string answers = answers_to(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\r\n"
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
      "GET /d HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 4U);
  EXPECT_THAT(targets(), ElementsAre("/a", "/b", "/c", "/d"));
}

TEST_F(beast_listener, answers_a_client_that_has_closed_its_side) {
  start();
  http_connection client(server_->port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish_sending();
  EXPECT_EQ(client.receive().body, "GET /a 0");
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, speaks_http_1_0) {
  start();
  EXPECT_THAT(answers_to("GET /a HTTP/1.0\r\n\r\n"), testing::StartsWith("HTTP/1.0 200 OK\r\n"));
  http_connection client(server_->port());
  client.send("GET /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.receive().one("Connection"), "keep-alive");
  client.send("GET /c HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().body, "GET /c 0");
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, answers_head_without_a_body) {
  start();
  http_connection client(server_->port());
  EXPECT_EQ(client.request("HEAD", "/a").one("Content-Length"), "9");
  EXPECT_EQ(client.get("/b").body, "GET /b 0");
}

TEST_F(beast_listener, asks_for_the_body_of_a_client_that_waits) {
  start();
  http_connection client(server_->port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive(http_connection::expect::no_body).status, 100);
  client.send("abc");
  EXPECT_EQ(client.receive().body, "POST /a 3");
}

TEST_F(beast_listener, asks_for_no_body_that_is_too_large) {
  start({.max_body_bytes = 2});
  http_connection client(server_->port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, answers_500_for_a_handler_that_throws) {
  start_with([](const beast_request&) -> beast_response { throw std::runtime_error("secret"); });
  http_connection client(server_->port());
  for (int i = 0; i < 2; ++i) {
    const http_response answer = client.get("/");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
  }
}

TEST_F(beast_listener, ends_a_connection_after_its_last_request) {
  start({.keep_alive_requests = 2});
  http_connection client(server_->port());
  EXPECT_EQ(client.get("/a").one("Connection"), "");
  EXPECT_EQ(client.get("/b").one("Connection"), "close");
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, lets_handlers_stream) {
  session_manager sessions{std::make_unique<stores::memory>(), {.cookie = {.secure = false}}};
  start_with([&](connection& on, const beast_request& request) -> net::awaitable<bool> {
    beast_exchange exchange(sessions, on.store(), request);
    co_await exchange.load();
    beast_http::response<beast_http::empty_body> head{beast_http::status::ok, request.version()};
    co_await exchange.commit(head);
    int left = 3;
    co_return co_await write_stream(on, exchange, head, [&] {
      return left-- > 0 ? std::optional(std::string("piece ")) : std::nullopt;
    });
  });
  http_connection client(server_->port());
  EXPECT_EQ(client.get("/").body, "piece piece piece ");
  EXPECT_EQ(client.get("/").body, "piece piece piece ");
  const std::string old = answers_to("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(old, testing::EndsWith("\r\n\r\npiece piece piece "));
  EXPECT_EQ(count(old, "chunked") + count(old, "keep-alive"), 0U);
}

TEST_F(beast_listener, lets_handlers_speak_another_protocol) {
  start_with([](connection& on, const beast_request&) -> net::awaitable<bool> {
    net::ip::tcp::socket& socket = on.take_over();
    co_await net::async_write(socket, net::buffer("HTTP/1.1 101 Go on\r\n\r\n", 22),
                              net::use_awaitable);
    std::string line;
    co_await boost::asio::async_read_until(socket, net::dynamic_buffer(line), '\n',
                                           net::use_awaitable);
    co_await net::async_write(socket, net::buffer("you said " + line), net::use_awaitable);
    co_return false;
  });
  http_connection client(server_->port());
  EXPECT_EQ(client.request("GET", "/").status, 101);
  client.send("hello\n");
  EXPECT_EQ(client.receive_rest(), "you said hello\n");
}

TEST_F(beast_listener, serves_on_several_threads) {
  session_manager sessions{std::make_unique<stores::memory>(), {.cookie = {.secure = false}}};
  server_ = std::make_unique<running<listener>>(listener_options{.io_threads = 3}, [&](auto& on) {
    on.run(sessions, [](session& session, const beast_request&) {
      const int visits = session.get<int>("n").value_or(0) + 1;
      session.put("n", visits);
      beast_response answer{beast_http::status::ok, 11};
      answer.body() = std::to_string(visits);
      return answer;
    });
  });
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      http_connection client(server_->port());
      std::string cookie;
      for (int visit = 1; visit <= 50; ++visit) {
        const http_response answer = client.get("/", cookie);
        EXPECT_EQ(answer.body, std::to_string(visit));
        const std::string line = answer.one("Set-Cookie");
        if (!line.empty()) cookie = "Cookie: " + line.substr(0, line.find(';')) + "\r\n";
      }
    });
  }
  for (std::thread& client : clients)
    client.join();
}

// Limits.

TEST_F(beast_listener, refuses_long_headers) {
  start({.max_header_bytes = 1000});
  const std::string before = "GET /a HTTP/1.1\r\nHost: x\r\nX: ";
  const std::string fits = before + std::string(1000 - before.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_THAT(answers_to(fits), testing::StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answers_to(before + "x" + fits.substr(before.size())),
              testing::StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(answers_to("GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"),
              testing::StartsWith("HTTP/1.1 431"));
}

TEST_F(beast_listener, refuses_long_headers_that_come_line_by_line) {
  start({.max_header_bytes = 1000});
  http_connection client(server_->port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n");
  for (int i = 0; i < 200 && client.send("X: 12345\r\n"); ++i)
    std::this_thread::yield();
  EXPECT_EQ(client.receive().status, 431);
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, refuses_long_trailers_and_chunk_extensions) {
  start({.max_header_bytes = 1000});
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string many(20000, 'x');
  EXPECT_THAT(answers_to(head + "0\r\nX: " + many + "\r\n\r\n"),
              testing::StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(answers_to(head + "1;" + many + "\r\na\r\n0\r\n\r\n"),
              testing::StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(targets(), IsEmpty());
}

TEST_F(beast_listener, refuses_large_bodies) {
  start({.max_body_bytes = 10});
  http_connection client(server_->port());
  EXPECT_EQ(client.request("POST", "/a", "", "1234567890").body, "POST /a 10");
  EXPECT_EQ(client.request("POST", "/b", "", "1234567890x").status, 413);
  EXPECT_TRUE(client.server_closes());
  const std::string chunked = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(answers_to(chunked + "6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n"),
              testing::StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(answers_to(chunked + "fffffffffffffffff\r\n"), testing::StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(targets(), ElementsAre("/a"));
}

TEST_F(beast_listener, lets_the_client_see_the_refusal_of_an_upload) {
  start();
  http_connection client(server_->port());
  const std::string part(1 << 20, 'x');
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 33554432\r\n\r\n");
  for (int i = 0; i < 32; ++i)
    client.send(part);
  EXPECT_EQ(client.receive().status, 413);
}

TEST_F(beast_listener, lets_connections_wait_when_there_are_too_many) {
  start({.max_connections = 1});
  auto first = std::make_unique<http_connection>(server_->port());
  EXPECT_EQ(first->get("/a").body, "GET /a 0");
  http_connection second(server_->port());
  second.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(first->get("/c").body, "GET /c 0");
  EXPECT_THAT(targets(), ElementsAre("/a", "/c"));
  first.reset();
  EXPECT_EQ(second.receive().body, "GET /b 0");
}

// Time limits.

TEST_F(beast_listener, answers_slow_headers_with_408) {
  start({.header_timeout = 100ms});
  http_connection client(server_->port());
  client.send("GET /a HTTP/1.1\r\nHo");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.server_closes());
}

TEST_F(beast_listener, does_not_let_slow_headers_gain_time_by_a_byte_now_and_then) {
  start({.header_timeout = 100ms});
  http_connection client(server_->port());
  client.get("/first");
  std::string answer;
  std::thread sends([&] {
    client.send("GET /a HTTP/1.1\r\nX: ");
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (std::chrono::steady_clock::now() < until && client.send("x"))
      std::this_thread::sleep_for(10ms);  // the client's pace
  });
  EXPECT_EQ(client.receive().status, 408);
  sends.join();
}

TEST_F(beast_listener, closes_connections_on_which_nothing_comes) {
  start({.header_timeout = 100ms, .keep_alive_timeout = 200ms});
  EXPECT_EQ(http_connection(server_->port()).receive_rest(), "");
  http_connection client(server_->port());
  client.get("/a");
  EXPECT_EQ(client.receive_rest(), "");
}

TEST_F(beast_listener, answers_slow_bodies_with_408) {
  start({.body_timeout = 100ms});
  http_connection client(server_->port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.server_closes());
  EXPECT_THAT(targets(), IsEmpty());
}

TEST_F(beast_listener, cuts_off_clients_that_do_not_read) {
  std::promise<bool> sent;
  start_with(
      [&](connection& on, const beast_request&) -> net::awaitable<bool> {
        beast_response large{beast_http::status::ok, 11};
        large.body().assign(std::size_t{64} << 20, 'x');
        large.prepare_payload();
        const bool whole = co_await on.send(std::move(large));
        sent.set_value(whole);
        co_return whole;
      },
      {.write_timeout = 100ms});
  http_connection client(server_->port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  auto result = sent.get_future();
  ASSERT_EQ(result.wait_for(10s), std::future_status::ready);
  EXPECT_FALSE(result.get());
}

TEST_F(beast_listener, refuses_options_that_make_no_sense) {
  for (const listener_options& bad :
       {listener_options{.io_threads = 0}, listener_options{.max_connections = 0},
        listener_options{.keep_alive_requests = 0}, listener_options{.body_timeout = -1ms}}) {
    EXPECT_THROW(listener{bad}, std::invalid_argument);
  }
}

TEST_F(beast_listener, takes_the_longest_time_for_no_limit) {
  start({.body_timeout = std::chrono::milliseconds::max(),
         .keep_alive_timeout = std::chrono::milliseconds::max()});
  http_connection client(server_->port());
  EXPECT_EQ(client.request("POST", "/a", "", "12345").status, 200);
}

TEST_F(beast_listener, gives_a_handler_the_time_it_needs) {
  start_with(
      [](connection& on, const beast_request&) -> net::awaitable<bool> {
        net::steady_timer timer(on.get_executor(), 500ms);
        co_await timer.async_wait(net::use_awaitable);
        beast_response answer{beast_http::status::ok, 11};
        answer.body() = "late";
        answer.prepare_payload();
        co_return co_await on.send(std::move(answer));
      },
      {.header_timeout = 50ms,
       .body_timeout = 50ms,
       .keep_alive_timeout = 50ms,
       .write_timeout = 50ms});
  EXPECT_EQ(http_get(server_->port(), "/").body, "late");
}

}  // namespace
}  // namespace scs::http::tests
