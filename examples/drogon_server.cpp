// A server on Drogon with sessions: coroutines on its event loops, the store on a few other
// threads.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <drogon/HttpAppFramework.h>
#include <trantor/utils/ConcurrentTaskQueue.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/drogon.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

using drogon::HttpRequestPtr, drogon::HttpResponse, drogon::HttpResponsePtr;
using scs::http::drogon_exchange, scs::http::drogon_handler;

drogon::Task<HttpResponsePtr> put(drogon_exchange& exchange, const HttpRequestPtr&) {
  if (!exchange.try_load()) co_await exchange.load();
  exchange.session().put("message", "Hello world!");
  co_return HttpResponse::newHttpResponse();
}

drogon::Task<HttpResponsePtr> get(drogon_exchange& exchange, const HttpRequestPtr&) {
  if (!exchange.try_load()) co_await exchange.load();
  HttpResponsePtr answer = HttpResponse::newHttpResponse();
  answer->setBody(exchange.session().get<std::string>("message").value_or(""));
  co_return answer;
}

int main() {
  buntdb::database db = buntdb::database::open("bunt.db");
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.cookie = {.secure = false /* plain http, for development */}}};
  trantor::ConcurrentTaskQueue threads(4, "sessions");
  const scs::http::drogon_executor store = [&](std::function<void()> task) {
    threads.runTaskInQueue(std::move(task));
  };
  scs::http::close_ambiguous_connections(drogon::app());
  drogon::app()
      .registerHandler("/put", drogon_handler(sessions, store, put), {drogon::Get})
      .registerHandler("/get", drogon_handler(sessions, store, get), {drogon::Get})
      .addListener("127.0.0.1", 4000)
      .setThreadNum(2)
      .run();  // until Ctrl-C or SIGTERM
}
