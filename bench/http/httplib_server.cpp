#include <atomic>
#include <limits>
#include <string>

#include <httplib.h>

#include <scs/http/httplib.hpp>
#include <scs/http/serve.hpp>

#include "http/servers.hpp"

namespace bench::http {

namespace {

using httplib::Request, httplib::Response;

/// httplib gives each connection a thread for as long as it is open.
constexpr std::size_t threads = 272;

void add_plain_routes(httplib::Server& server) {
  server.Get("/put", [](const Request&, Response&) {});
  server.Get("/get", [](const Request&, Response& response) {
    response.set_content(message, "text/plain");
  });
  server.Get("/count", [](const Request&, Response& response) {
    static std::atomic<int> count = 0;
    response.set_content(std::to_string(++count), "text/plain");
  });
}

void add_session_routes(httplib::Server& server, scs::session_manager& sessions) {
  server.Get("/put", scs::http::with(sessions, [](scs::session& session, const Request&,
                                                  Response&) { session.put("message", message); }));
  server.Get("/get", scs::http::with(sessions, [](scs::session& session, const Request&,
                                                  Response& response) {
               response.set_content(session.get<std::string>("message").value_or(""), "text/plain");
             }));
  server.Get("/count", scs::http::with(
                           sessions, [](scs::session& session, const Request&, Response& response) {
                             const int count = session.get<int>("count").value_or(0) + 1;
                             session.put("count", count);
                             response.set_content(std::to_string(count), "text/plain");
                           }));
}

}  // namespace

void serve_with_httplib(int port, scs::session_manager* sessions) {
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(threads); };
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(std::numeric_limits<int>::max());
  if (sessions != nullptr) {
    add_session_routes(server, *sessions);
  } else {
    add_plain_routes(server);
  }
  scs::http::serve(server, "127.0.0.1", port);
}

}  // namespace bench::http
