// examples/beast_server.cpp without sessions: what its HTTP library alone can do. For bench_http.
// Accepts and serves as that program does.
//
//   beast_without_sessions PORT    serves on 127.0.0.1 until SIGTERM

#include <cstdio>
#include <exception>
#include <string>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;
using http_request = http::request<http::string_body>;
using http_response = http::response<http::string_body>;

namespace {

http_response handle(const http_request& asked) {
  http_response answer{http::status::ok, asked.version()};
  if (asked.target() == "/get") {
    answer.body() = "Hello world!";
  } else if (asked.target() != "/put") {
    answer.result(http::status::not_found);
  }
  answer.keep_alive(asked.keep_alive());
  answer.prepare_payload();
  return answer;
}

net::awaitable<void> serve(tcp::socket socket) {
  boost::beast::flat_buffer buffer;
  try {
    socket.set_option(tcp::no_delay(true));
    for (bool keep_alive = true; keep_alive;) {
      http_request asked;
      co_await http::async_read(socket, buffer, asked, net::use_awaitable);
      const http_response answer = handle(asked);
      co_await http::async_write(socket, answer, net::use_awaitable);
      keep_alive = answer.keep_alive();
    }
  } catch (const boost::system::system_error&) {  // the visitor has left
  }
}

net::awaitable<void> listen(net::ip::port_type port) {
  const auto executor = co_await net::this_coro::executor;
  tcp::acceptor acceptor(executor, {net::ip::address_v4::loopback(), port});
  for (;;) {
    net::co_spawn(executor, serve(co_await acceptor.async_accept(net::use_awaitable)),
                  net::detached);
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: beast_without_sessions PORT\n", stderr);
    return 2;
  }
  net::io_context io(1);
  net::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  net::co_spawn(io, listen(static_cast<net::ip::port_type>(std::stoi(words[1]))),
                [](const std::exception_ptr& failed) {
                  if (failed) std::rethrow_exception(failed);
                });
  io.run();
}
