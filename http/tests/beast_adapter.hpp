#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <gtest/gtest.h>

#include <scs/http/beast_connection.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/memory.hpp>

namespace scs::http::tests {

namespace net = boost::asio;
namespace beast = boost::beast;

/// Returns a coroutine's result.
template <class Value>
Value run(net::awaitable<Value> coroutine) {
  net::io_context io;
  auto future = net::co_spawn(io, std::move(coroutine), net::use_future);
  io.run();
  return future.get();
}

/// Sessions in memory, and requests without a connection.
class beast_adapter : public testing::Test {
 protected:
  beast_request request(const std::string& cookie = "") const {
    beast_request made{beast::http::verb::get, "/", 11};
    if (!cookie.empty()) made.set(beast::http::field::cookie, cookie);
    return made;
  }
  static std::string cookie_of(const beast_response& answer) {
    const std::string line(answer[beast::http::field::set_cookie]);
    return line.substr(0, line.find(';'));
  }

  session_manager sessions_{std::make_unique<scs::stores::memory>(), {.cookie = {.secure = false}}};
  net::thread_pool store_{2};
};

}  // namespace scs::http::tests
