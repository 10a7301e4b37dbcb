// Tests the example server on Boost.Beast as a child process.

#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "browser.hpp"
#include "hostile_visitors.hpp"
#include "process.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int port = 4000;  // as in its source

class beast_server : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(is_listening(port)) << "something else serves on port 4000: stop it first";
    server_ = std::make_unique<process>(std::vector<std::string>{BEAST_SERVER}, folder_.path());
    ASSERT_TRUE(wait_until_listening(port, 20s)) << server_->errors();
  }

  temporary_folder folder_;
  browser browser_{folder_.path()};
  std::unique_ptr<process> server_;
};

TEST_F(beast_server, keeps_a_session) {
  EXPECT_EQ(browser_.get(port, "/get"), "");
  EXPECT_EQ(browser_.get(port, "/put"), "");
  EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
}

TEST_F(beast_server, sends_no_answer_late) {
  expect_no_delayed_answers(port);
}

TEST_F(beast_server, answers_many_connections_at_once) {
  expect_answers_to_a_burst(port);
}

TEST_F(beast_server, answers_nothing_of_a_body) {
  expect_one_answer_to_each_request(port);
}

TEST_F(beast_server, lets_idle_connections_delay_nobody) {
  expect_idle_connections_to_delay_nobody(port);
}

TEST_F(beast_server, lets_nobody_starve) {
  expect_nobody_to_starve(port);
}

/// Visitors that store messages, each on a separate connection, until the server ends.
class load {
 public:
  load() {
    for (int i = 0; i < 8; ++i)
      visitors_.emplace_back([this] { visit(); });
  }
  ~load() { end(); }

  void wait_for(std::size_t answers) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (cookies().size() < answers && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(1ms);
  }
  void end() {
    for (std::thread& visitor : visitors_)
      visitor.join();
    visitors_.clear();
  }
  /// Returns the cookies that the server has sent.
  std::vector<std::string> cookies() {
    const std::lock_guard lock(mutex_);
    return cookies_;
  }

 private:
  void visit() {
    try {
      http_connection connection(port);
      for (;;) {
        const http_response answer = connection.get("/put");
        if (answer.status != 200 || !answer.complete) return;
        const std::string line = answer.one("Set-Cookie");
        const std::lock_guard lock(mutex_);
        cookies_.push_back("Cookie: " + line.substr(0, line.find(';')) + "\r\n");
        if (answer.one("Connection") == "close") return;
      }
    } catch (const std::system_error&) {  // it no longer listens
    }
  }

  std::mutex mutex_;
  std::vector<std::string> cookies_;
  std::vector<std::thread> visitors_;
};

TEST_F(beast_server, ends_well_when_it_is_stopped_during_commits) {
  std::size_t lost = 0;
  std::size_t kept = 0;
  load visitors;
  visitors.wait_for(200);
  server_->send_signal(SIGTERM);
  server_->send_signal(SIGTERM);  // as GNU timeout does
  EXPECT_EQ(server_->wait(), 0) << server_->errors();
  EXPECT_EQ(server_->errors(), "");
  visitors.end();

  server_ = std::make_unique<process>(std::vector<std::string>{BEAST_SERVER}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server_->errors();
  http_connection connection(port);
  for (const std::string& cookie : visitors.cookies())
    ++(connection.get("/get", cookie).body == "Hello world!" ? kept : lost);
  EXPECT_GE(kept, 200U);
  EXPECT_EQ(lost, 0U);
}

TEST_F(beast_server, ends_at_once_at_a_later_signal) {
  http_connection holds_it_up(port);
  holds_it_up.send("GET /get HTTP/1.1\r\n");
  http_get(port, "/get");
  const auto first = std::chrono::steady_clock::now();
  server_->send_signal(SIGTERM);
  while (server_->running() && std::chrono::steady_clock::now() < first + 8s) {
    std::this_thread::sleep_for(20ms);
    server_->send_signal(SIGTERM);
  }
  EXPECT_GE(std::chrono::steady_clock::now() - first, 480ms);
  EXPECT_EQ(server_->wait(), 128 + SIGTERM);
}

}  // namespace
