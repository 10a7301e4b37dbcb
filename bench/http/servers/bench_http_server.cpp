// examples/beast_server.cpp with a port, a file and a sync policy to choose. For bench_http.

#include <csignal>
#include <exception>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
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

namespace {

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

net::awaitable<void> listen(net::ip::port_type port, scs::session_manager& sessions,
                            net::thread_pool& store) {
  const auto executor = co_await net::this_coro::executor;
  tcp::acceptor acceptor(executor, {net::ip::address_v4::loopback(), port});
  for (;;) {
    net::co_spawn(executor,
                  serve(co_await acceptor.async_accept(net::use_awaitable), sessions, store),
                  net::detached);
  }
}

}  // namespace

int main(int count, char** words) {
  CLI::App options{"examples/beast_server.cpp, to be loaded by bench_http, until SIGTERM"};
  net::ip::port_type port = 0;
  std::string file;
  auto policy = buntdb::sync_policy::every_second;
  const std::map<std::string, buntdb::sync_policy> policies{
      {"never", buntdb::sync_policy::never},
      {"every_second", buntdb::sync_policy::every_second},
      {"always", buntdb::sync_policy::always}};
  options.add_option("--port", port)->required();
  options.add_option("--file", file)->required();
  options.add_option("--sync", policy)->transform(CLI::CheckedTransformer(policies));
  CLI11_PARSE(options, count, words);

  buntdb::database db = buntdb::database::open(file, {.sync = policy});
  scs::session_manager sessions{std::make_unique<scs::stores::buntstore>(db),
                                {.cookie = {.secure = false /* plain http, on this machine */}}};
  net::thread_pool store(4);
  net::io_context io(1);
  net::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, auto) { io.stop(); });
  net::co_spawn(io, listen(port, sessions, store), [](const std::exception_ptr& failed) {
    if (failed) std::rethrow_exception(failed);
  });
  io.run();
}
