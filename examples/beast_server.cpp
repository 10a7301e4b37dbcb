// A server on Boost.Beast with sessions: coroutines on one thread, the store on a few others.

#include <memory>
#include <string>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <buntdb/buntdb.hpp>
#include <scs/http/beast.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;
using http_request = http::request<http::string_body>;
using scs::http::beast_exchange, scs::http::beast_response;

// GET /put stores a message, GET /get shows it.
net::awaitable<beast_response> handle(beast_exchange& exchange, const http_request& asked) {
  beast_response answer{http::status::ok, 11};
  if (asked.target() == "/put") {
    co_await exchange.load();
    exchange.session().put("message", "Hello world!");
  } else if (asked.target() == "/get") {
    co_await exchange.load();
    answer.body() = exchange.session().get<std::string>("message").value_or("");
  } else {
    answer.result(http::status::not_found);
  }
  co_return answer;
}

net::awaitable<void> serve(tcp::socket socket, scs::session_manager& sessions,
                           net::thread_pool& store) {
  boost::beast::flat_buffer buffer;
  try {
    socket.set_option(tcp::no_delay(true));
    for (bool keep_alive = true; keep_alive;) {
      http_request asked;
      co_await http::async_read(socket, buffer, asked, net::use_awaitable);
      const beast_response answer =
          co_await scs::http::respond(sessions, store.get_executor(), asked, handle);
      co_await http::async_write(socket, answer, net::use_awaitable);
      keep_alive = answer.keep_alive();
    }
  } catch (const boost::system::system_error&) {  // the visitor has left
  }
}

net::awaitable<void> listen(scs::session_manager& sessions, net::thread_pool& store) {
  const auto executor = co_await net::this_coro::executor;
  tcp::acceptor acceptor(executor, {net::ip::make_address("127.0.0.1"), 4000});
  for (;;) {
    net::co_spawn(executor,
                  serve(co_await acceptor.async_accept(net::use_awaitable), sessions, store),
                  net::detached);
  }
}

int main() {
  buntdb::database db = buntdb::database::open("bunt.db");
  scs::session_manager sessions{std::make_unique<scs::stores::buntstore>(db),
                                {.cookie = {.secure = false /* plain http, for development */}}};
  net::thread_pool store(4);
  net::io_context io(1);
  net::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  net::co_spawn(io, listen(sessions, store), [](const std::exception_ptr& failed) {
    if (failed) std::rethrow_exception(failed);
  });
  io.run();
}
