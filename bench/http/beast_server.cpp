#include <stdexcept>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http.hpp>
#include <unistd.h>

#include <scs/http/beast_listener.hpp>

#include "http/servers.hpp"

namespace bench::http {

namespace {

namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using http_request = scs::http::beast_request;
using scs::http::beast_exchange, scs::http::beast_response;

bool asks_for(const http_request& asked, std::string_view path) {
  const std::string_view target{asked.target().data(), asked.target().size()};
  return target.substr(0, target.find('?')) == path;
}

/// About what a commit of this session appends: a command with its key, payload and expiry, and a
/// marker.
constexpr std::size_t commit_size = 250;

void write_as_a_commit_does(int file) {
  static off_t end = 0;  // there is one thread
  static const std::string bytes(commit_size, 'x');
  if (::pwrite(file, bytes.data(), bytes.size(), end) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot write to a file in the temporary folder");
  }
  constexpr off_t enough = off_t{64} << 20;
  end = end > enough ? 0 : end + static_cast<off_t>(bytes.size());
}

beast_response answer_without_session(const http_request& asked, floor least) {
  static int count = 0;  // there is one thread
  beast_response answer{beast_http::status::ok, asked.version()};
  if (asks_for(asked, "/get")) {
    answer.body() = message;
  } else if (asks_for(asked, "/count")) {
    answer.body() = std::to_string(++count);
  } else if (!asks_for(asked, "/put")) {
    answer.result(beast_http::status::not_found);
  }
  if (least.file >= 0) {
    answer.insert(beast_http::field::vary, "Cookie");
    if (!asks_for(asked, "/get")) write_as_a_commit_does(least.file);
  }
  return answer;
}

net::awaitable<beast_response> answer_with_session(beast_exchange& exchange,
                                                   const http_request& asked) {
  beast_response answer{beast_http::status::ok, 11};
  if (asks_for(asked, "/get")) {
    if (!exchange.try_load()) co_await exchange.load();
    answer.body() = exchange.session().get<std::string>("message").value_or("");
  } else if (asks_for(asked, "/count")) {
    if (!exchange.try_load()) co_await exchange.load();
    const int count = exchange.session().get<int>("count").value_or(0) + 1;
    exchange.session().put("count", count);
    answer.body() = std::to_string(count);
  } else if (asks_for(asked, "/put")) {
    if (!exchange.try_load()) co_await exchange.load();
    exchange.session().put("message", message);
  } else {
    answer.result(beast_http::status::not_found);
  }
  co_return answer;
}

}  // namespace

void serve_with_beast(int port, scs::session_manager* sessions, floor least) {
  scs::http::listener listener{{.port = static_cast<unsigned short>(port)}};
  if (sessions != nullptr) {
    listener.run(*sessions, answer_with_session);
  } else {
    listener.run([&](const http_request& asked) { return answer_without_session(asked, least); });
  }
}

}  // namespace bench::http
