// examples/drogon_server.cpp with Drogon's own sessions, which are in memory. For bench_http.
//
//     drogon_own_sessions PORT    serves on 127.0.0.1 until SIGTERM

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include <drogon/HttpAppFramework.h>

using drogon::HttpRequestPtr, drogon::HttpResponse, drogon::HttpResponsePtr;
using answer_function = std::function<void(const HttpResponsePtr&)>;

namespace {

void put(const HttpRequestPtr& request, answer_function&& answer) {
  request->session()->insert("message", std::string("Hello world!"));
  answer(HttpResponse::newHttpResponse());
}

void get(const HttpRequestPtr& request, answer_function&& answer) {
  HttpResponsePtr response = HttpResponse::newHttpResponse();
  response->setBody(request->session()->get<std::string>("message"));
  answer(response);
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fputs("usage: drogon_own_sessions PORT\n", stderr);
    return 2;
  }
  constexpr std::size_t one_day = 86'400;
  drogon::app()
      .enableSession(one_day)
      .registerHandler("/put", &put, {drogon::Get})
      .registerHandler("/get", &get, {drogon::Get})
      .addListener("127.0.0.1", static_cast<std::uint16_t>(std::stoi(words[1])))
      .setThreadNum(2)
      .run();
}
