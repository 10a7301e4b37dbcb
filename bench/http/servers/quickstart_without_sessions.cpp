// examples/quickstart.cpp without sessions: what its HTTP library alone can do. For bench_http.
//
//     quickstart_without_sessions PORT    serves on 127.0.0.1 until SIGTERM

#include <cstdio>
#include <string>

#include <httplib.h>

#include <scs/http/serve.hpp>

using httplib::Request, httplib::Response;

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: quickstart_without_sessions PORT\n", stderr);
    return 2;
  }
  httplib::Server server;
  server.Get("/put", [](const Request&, Response&) {});
  server.Get("/get", [](const Request&, Response& response) {
    response.set_content("Hello world!", "text/plain");
  });
  scs::http::serve(server, "127.0.0.1", std::stoi(words[1]));
}
