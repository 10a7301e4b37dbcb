// examples/beast_server.cpp with options for the port, the file and the sync policy. For
// bench_http.

#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <buntdb/buntdb.hpp>
#include <scs/http/beast_listener.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

using boost::beast::http::status;
using scs::http::beast_exchange, scs::http::beast_request, scs::http::beast_response;

namespace {

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

}  // namespace

int main(int count, char** words) {
  CLI::App options{"examples/beast_server.cpp, to be loaded by bench_http, until SIGTERM"};
  unsigned short port = 0;
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
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.cookie = {.secure = false /* plain http, on this machine */}}};
  scs::http::listener listener{{.port = port}};
  listener.run(sessions, handle);
}
