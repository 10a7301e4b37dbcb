// The README's promise, kept with the README's program and the README's tools.

#include <chrono>
#include <csignal>

#include <gtest/gtest.h>

#include "browser.hpp"
#include "process.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int port = 4000;  // as its text says

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

TEST_F(quickstart, keeps_its_secrets_to_its_user) {
  process server({QUICKSTART}, folder_.path());
  ASSERT_TRUE(wait_until_listening(port, 20s)) << server.errors();
  using std::filesystem::perms;
  EXPECT_EQ(status(folder_.path() / "bunt.db").permissions(),
            perms::owner_read | perms::owner_write);
}

}  // namespace
