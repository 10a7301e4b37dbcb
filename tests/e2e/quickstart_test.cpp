// The promises of the README, tested with its program and its tools.

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "browser.hpp"
#include "hostile_visitors.hpp"
#include "process.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int port = 4000;  // as in its source

class quickstart : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(is_listening(port)) << "something else serves on port 4000: stop it first";
  }

  temporary_folder folder_;
  browser browser_{folder_.path()};
};

TEST_F(quickstart, keeps_the_session_when_it_is_killed_and_started_again) {
  {
    process server({QUICKSTART}, folder_.path());
    ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
    EXPECT_EQ(browser_.get(port, "/get"), "");
    EXPECT_EQ(browser_.get(port, "/put"), "");
    EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
    server.send_signal(SIGKILL);
    EXPECT_EQ(server.wait(), -SIGKILL);
  }
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
}

TEST_F(quickstart, ends_properly_when_it_is_told_to_stop) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  EXPECT_EQ(browser_.get(port, "/put"), "");
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.errors();
}

TEST_F(quickstart, sends_no_answer_late) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  expect_no_delayed_answers(port);
}

TEST_F(quickstart, answers_many_connections_at_once) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  expect_answers_to_a_burst(port);
}

TEST_F(quickstart, answers_nothing_of_a_body) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  expect_one_answer_to_each_request(port);
}

// Threads of Alpine have stacks of 128 KiB, and cpp-httplib 0.11 reads a Range line recursively.
TEST_F(quickstart, survives_range_lines_where_threads_have_small_stacks) {
  process server({"sh", "-c", std::string("ulimit -s 128; exec ") + QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  expect_no_end_by_a_range(port);
  expect_ranges_to_cost_little(port, server.id());
  expect_chunks_to_cost_little(port, server.id());
}

TEST_F(quickstart, lets_idle_connections_delay_nobody) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  expect_idle_connections_to_delay_nobody(port);
}

TEST_F(quickstart, lets_nobody_starve) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  expect_nobody_to_starve(port);
}

TEST_F(quickstart, is_not_kept_from_stopping_by_connections) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  const http_connection unused(port);
  http_connection used(port);
  EXPECT_EQ(used.get("/put").status, 200);
  std::this_thread::sleep_for(100ms);  // until both have a thread
  const auto begun = std::chrono::steady_clock::now();
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.errors();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST_F(quickstart, keeps_its_secrets_to_its_user) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  using std::filesystem::perms;
  EXPECT_EQ(status(folder_.path() / "bunt.db").permissions(),
            perms::owner_read | perms::owner_write);
}

}  // namespace
