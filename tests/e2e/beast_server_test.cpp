// The example server on Boost.Beast, from outside.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "browser.hpp"
#include "hostile_visitors.hpp"
#include "process.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int port = 4000;  // as its text says

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

}  // namespace
