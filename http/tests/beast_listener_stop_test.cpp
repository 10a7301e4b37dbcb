// How a listener begins and ends.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include <scs/stores/memory.hpp>

#include "faulty_store.hpp"
#include "running_listener.hpp"

namespace scs::http::tests {
namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;
namespace beast_http = boost::beast::http;
using connection = listener::connection;

TEST_F(beast_listener, says_why_it_cannot_listen) {
  start();
  const auto taken = static_cast<unsigned short>(server_->port());
  try {
    listener second{{.port = taken}};
    FAIL();
  } catch (const std::system_error& failure) {
    EXPECT_EQ(failure.code(), std::errc::address_in_use);
    EXPECT_THAT(failure.what(), testing::HasSubstr("127.0.0.1:" + std::to_string(taken)));
  }
  EXPECT_THROW(listener{{.address = "nonsense"}}, std::system_error);
}

TEST_F(beast_listener, runs_once) {
  listener made{{.on_signal = listener_options::signals::leave}};
  made.stop();
  const auto handler = [](const beast_request&) { return beast_response{}; };
  made.run(handler);
  made.stop();
  EXPECT_FALSE(is_listening(made.port()));
  EXPECT_THROW(made.run(handler), std::logic_error);
  const listener never_run;
}

TEST_F(beast_listener, closes_idle_connections_when_it_stops) {
  start();
  http_connection used(server_->port());
  used.get("/a");
  http_connection fresh(server_->port());
  http_connection(server_->port()).get("/b");  // so the fresh one was accepted
  (*server_)->stop();
  EXPECT_EQ(used.receive_rest(), "");
  EXPECT_EQ(fresh.receive_rest(), "");
  EXPECT_TRUE(server_->ends(5s));
}

TEST_F(beast_listener, finishes_what_is_under_way_when_it_stops) {
  gate entered;
  gate goes_on;
  session_manager sessions{std::make_unique<stores::memory>(), {.cookie = {.secure = false}}};
  server_ = std::make_unique<running<listener>>(listener_options{}, [&](listener& on) {
    on.run(sessions, [&](session&, const beast_request&) {
      entered.open();
      goes_on.wait();
      beast_response answer{beast_http::status::ok, 11};
      answer.body() = "done";
      return answer;
    });
  });
  http_connection idle(server_->port());
  http_connection client(server_->port());
  const std::string request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(request + request);
  ASSERT_TRUE(entered.wait());
  (*server_)->stop();
  EXPECT_TRUE(idle.server_closes());
  EXPECT_FALSE(is_listening(server_->port()));
  EXPECT_FALSE(server_->ends(0ms));
  goes_on.open();
  const http_response answer = client.receive();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.one("Connection"), "close");
  EXPECT_EQ(client.receive_rest(), "");  // the second request is not answered
  EXPECT_TRUE(server_->ends());
}

class beast_listener_with_slow_commits : public testing::Test {
 protected:
  beast_listener_with_slow_commits() {
    store_->before_every(test::faulty_store::call::commit, [this] {
      entered_.open();
      goes_on_.wait();
    });
  }
  running<listener> start(listener_options options = {}) {
    return {std::move(options), [this](listener& on) {
              on.run(sessions_,
                     [this](beast_exchange& exchange,
                            const beast_request&) -> net::awaitable<beast_response> {
                       ++handled_;
                       co_await exchange.load();
                       exchange.session().put("n", 1);
                       co_return beast_response{beast_http::status::ok, 11};
                     });
            }};
  }

  std::atomic<int> handled_ = 0;

  gate entered_;
  gate goes_on_;
  std::shared_ptr<stores::memory> memory_ = std::make_shared<stores::memory>();
  test::faulty_store* store_ = new test::faulty_store(memory_);
  session_manager sessions_{std::unique_ptr<store>(store_), {.cookie = {.secure = false}}};
};

TEST_F(beast_listener_with_slow_commits, sends_the_response_after_stop) {
  running<listener> server = start();
  http_connection client(server.port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(entered_.wait());
  server->stop();
  goes_on_.open();
  const http_response answer = client.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.one("Set-Cookie"), "");
  EXPECT_EQ(answer.one("Connection"), "close");
  EXPECT_TRUE(server.ends());
}

TEST_F(beast_listener_with_slow_commits, waits_for_a_commit_that_takes_longer_than_the_stop) {
  // All but the first request wait for the store's only thread.
  running<listener> server = start({.store_threads = 1, .stop_timeout = 20ms});
  constexpr int clients = 6;
  std::vector<std::unique_ptr<http_connection>> connections;
  for (int i = 0; i < clients; ++i) {
    connections.push_back(std::make_unique<http_connection>(server.port()));
    connections.back()->send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  ASSERT_TRUE(entered_.wait());
  while (handled_ < clients)
    std::this_thread::yield();
  server->stop();
  EXPECT_FALSE(server.ends(200ms));
  goes_on_.open();
  EXPECT_TRUE(server.ends());
  for (const auto& client : connections)
    EXPECT_EQ(client->receive_rest(), "");
  int kept = 0;
  memory_->for_each([&](const session_id&, const record&) {
    ++kept;
    return visit::next;
  });
  EXPECT_GE(kept, 1);
}

TEST_F(beast_listener, cuts_off_what_takes_too_long_when_it_stops) {
  gate entered;
  start_with(
      [&](connection& on, const beast_request&) -> net::awaitable<bool> {
        entered.open();
        net::steady_timer timer(on.get_executor(), 1h);
        co_await timer.async_wait(net::use_awaitable);
        co_return true;
      },
      {.stop_timeout = 50ms});
  http_connection client(server_->port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(entered.wait());
  (*server_)->stop();
  EXPECT_TRUE(client.server_closes());
  EXPECT_TRUE(server_->ends());
}

}  // namespace
}  // namespace scs::http::tests
