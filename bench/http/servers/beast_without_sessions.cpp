// examples/beast_server.cpp without sessions: what its listener alone can do. For bench_http.
//
//     beast_without_sessions PORT    serves on 127.0.0.1 until SIGTERM

#include <cstdio>
#include <string>

#include <scs/http/beast_listener.hpp>

using boost::beast::http::status;
using scs::http::beast_request, scs::http::beast_response;

namespace {

beast_response handle(const beast_request& asked) {
  beast_response answer{status::ok, 11};
  if (asked.target() == "/get") {
    answer.body() = "Hello world!";
  } else if (asked.target() != "/put") {
    answer.result(status::not_found);
  }
  return answer;
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: beast_without_sessions PORT\n", stderr);
    return 2;
  }
  scs::http::listener listener{{.port = static_cast<unsigned short>(std::stoi(words[1]))}};
  listener.run(handle);
}
