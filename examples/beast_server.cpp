// A server on Boost.Beast with sessions: coroutines on one thread, the store on a few others.

#include <memory>
#include <string>

#include <buntdb/buntdb.hpp>
#include <scs/http/beast_listener.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

using boost::beast::http::status;
using scs::http::beast_exchange, scs::http::beast_request, scs::http::beast_response;

// GET /put stores a message, GET /get shows it.
boost::asio::awaitable<beast_response> handle(beast_exchange& exchange,
                                              const beast_request& asked) {
  beast_response answer{status::ok, 11};
  if (asked.target() == "/put") {
    if (!exchange.try_load()) co_await exchange.load();
    exchange.session().put("message", "Hello world!");
  } else if (asked.target() == "/get") {
    if (!exchange.try_load()) co_await exchange.load();
    answer.body() = exchange.session().get<std::string>("message").value_or("");
  } else {
    answer.result(status::not_found);
  }
  co_return answer;
}

int main() {
  buntdb::database db = buntdb::database::open("bunt.db");
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.cookie = {.secure = false /* plain http, for development */}}};
  scs::http::listener listener{{.port = 4000}};
  listener.run(sessions, handle);  // until Ctrl-C or SIGTERM
}
