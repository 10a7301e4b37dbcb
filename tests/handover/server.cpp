// A server that counts a visitor's requests, for the test of hand-overs:
//
//     handover_server httplib|beast PORT|passed DATABASE

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <httplib.h>

#include <buntdb/database.hpp>
#include <scs/http/beast_listener.hpp>
#include <scs/http/httplib.hpp>
#include <scs/http/serve.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

namespace {

using namespace std::chrono_literals;
using scs::http::listening_socket, scs::http::port_sharing;

std::string count(scs::session& session) {
  const int requests = session.get_or("requests", 0) + 1;
  session.put("requests", requests);
  return std::to_string(requests);
}

void say(const char* what) {
  std::cout << what << std::endl;
}

void serve_httplib(scs::session_manager& sessions, listening_socket socket) {
  httplib::Server server;
  server.Get("/count", scs::http::with(sessions, [](scs::session& session, const httplib::Request&,
                                                    httplib::Response& response) {
               response.set_content(count(session), "text/plain");
             }));
  scs::http::serve(server, std::move(socket), {.on_listening = [](int) { say("serving"); }});
}

void serve_beast(scs::session_manager& sessions, listening_socket socket) {
  scs::http::listener listener{std::move(socket)};
  say("serving");
  listener.run(sessions, [](scs::session& session, const scs::http::beast_request&) {
    scs::http::beast_response answer{boost::beast::http::status::ok, 11};
    answer.body() = count(session);
    return answer;
  });
}

void run(std::string_view server, const std::string& port, const std::string& file) {
  listening_socket socket =
      port == "passed"
          ? listening_socket::passed()
          : listening_socket{{.port = std::atoi(port.c_str()), .sharing = port_sharing::joined}};
  say("listening");
  buntdb::database db = buntdb::database::open(file, {.lock_timeout = 20s});
  {
    scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                  {.cookie = {.secure = false}}};
    if (server == "httplib") {
      serve_httplib(sessions, std::move(socket));
    } else {
      serve_beast(sessions, std::move(socket));
    }
  }
  db.close({.may_compact = false});
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) return 2;
    run(argv[1], argv[2], argv[3]);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
  }
  return 0;
}
