#include <exception>
#include <stdexcept>
#include <string>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <unistd.h>

#include <scs/http/beast.hpp>

#include "http/servers.hpp"

namespace bench::http {

namespace {

namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using net::ip::tcp;
using http_request = beast_http::request<beast_http::string_body>;
using scs::http::beast_exchange, scs::http::beast_response;

/// As examples/beast_server.cpp has them.
constexpr std::size_t store_threads = 4;

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
  answer.keep_alive(asked.keep_alive());
  answer.prepare_payload();
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

class server {
 public:
  server(int port, scs::session_manager* sessions, floor least)
      : sessions_(sessions),
        least_(least),
        acceptor_(io_, {net::ip::address_v4::loopback(), static_cast<net::ip::port_type>(port)}) {}

  void run() {
    net::signal_set signals(io_, SIGINT, SIGTERM);
    signals.async_wait([this](auto, auto) { io_.stop(); });
    net::co_spawn(io_, listen(), [](const std::exception_ptr& failed) {
      if (failed) std::rethrow_exception(failed);
    });
    io_.run();
  }

 private:
  net::awaitable<void> listen() {
    for (;;) {
      net::co_spawn(io_, serve(co_await acceptor_.async_accept(net::use_awaitable)), net::detached);
    }
  }

  net::awaitable<void> serve(tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    try {
      for (bool keep_alive = true; keep_alive;) {
        http_request asked;
        co_await beast_http::async_read(socket, buffer, asked, net::use_awaitable);
        beast_response answer;
        if (sessions_ != nullptr) {
          answer = co_await scs::http::respond(*sessions_, store_.get_executor(), asked,
                                               answer_with_session);
        } else {
          answer = answer_without_session(asked, least_);
        }
        co_await beast_http::async_write(socket, answer, net::use_awaitable);
        keep_alive = answer.keep_alive();
      }
    } catch (const boost::system::system_error&) {  // the visitor has left
    }
  }

  scs::session_manager* sessions_;
  const floor least_;
  net::thread_pool store_{store_threads};
  net::io_context io_{1};
  tcp::acceptor acceptor_;
};

}  // namespace

void serve_with_beast(int port, scs::session_manager* sessions, floor least) {
  server(port, sessions, least).run();
}

}  // namespace bench::http
