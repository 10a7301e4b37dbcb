#include <chrono>
#include <memory>
#include <string>

#include <httplib.h>

#include <buntdb/buntdb.hpp>
#include <scs/http/httplib.hpp>
#include <scs/http/serve.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

using namespace std::chrono_literals;
using httplib::Request, httplib::Response;

int main() {
  buntdb::database db = buntdb::database::open("bunt.db");
  scs::session_manager sessions{
      std::make_unique<scs::stores::bunt>(db),
      {.lifetime = 24h, .cookie = {.secure = false /* plain http, for development */}}};

  auto put = [](scs::session& session, const Request&, Response&) {
    session.put("message", "Hello world!");
  };
  auto get = [](scs::session& session, const Request&, Response& response) {
    response.set_content(session.get<std::string>("message").value_or(""), "text/plain");
  };

  httplib::Server server;
  server.set_payload_max_length(65'536);
  server.set_pre_routing_handler(scs::http::refuse_uncounted_bodies);
  server.Get("/put", scs::http::with(sessions, put));
  server.Get("/get", scs::http::with(sessions, get));
  scs::http::serve(server, "127.0.0.1", 4000);  // until Ctrl-C or SIGTERM
}
