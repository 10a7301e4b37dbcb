// The stream of events with the figures for the operator's page of the demo site.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <list>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "demo_site.hpp"

namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

class streams : public demo_site {
 protected:
  void open(const visitor& operator_, const std::string& host = "127.0.0.1") {
    open_.emplace_back(
        std::vector<std::string>{
            "curl", "--silent", "--no-buffer", "--compressed", "--max-time", "30", "--cookie",
            "session=" + operator_.cookie("session"),
            "http://" + host + ":" + std::to_string(port_) + "/operator/events"},
        folder_.path());
  }

  std::list<process> open_;
};

TEST_F(streams, send_a_new_figure_each_second) {
  visitor tom = new_operator();
  open(tom);
  EXPECT_TRUE(wait_until([&] {
    return open_.front().output().find("data: {\"number\":2,") != std::string::npos;
  })) << open_.front().output();
  EXPECT_THAT(open_.front().output(),
              AllOf(HasSubstr("\"sessions\":1,"), HasSubstr("\"file_bytes\":"),
                    HasSubstr("\"since_compaction_s\":-1}")));
  EXPECT_THAT(tom.get("/operator").body, HasSubstr("so far: <strong>1</strong>"));

  tom.post("/operator/compact");
  EXPECT_TRUE(wait_until(
      [&] { return open_.front().output().find("\"compactions\":1,") != std::string::npos; }));
  EXPECT_EQ(flash_on(tom.post("/operator/traffic")), "Visitors are coming.");
  EXPECT_TRUE(wait_until(
      [&] { return std::regex_search(open_.front().output(), std::regex("\"saves\":[0-9]{2}")); }));
}

TEST_F(streams, leave_room_for_the_others) {
  visitor tom = new_operator();
  for (int i = 0; i < 8; ++i)
    open(tom);
  EXPECT_TRUE(wait_until([&] {
    return std::all_of(open_.begin(), open_.end(), [](const process& stream) {
      return stream.output().find("data: ") != std::string::npos;
    });
  }));
  EXPECT_EQ(tom.get("/operator/events").status, 503);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(tom.get("/").status, 200);

  open_.pop_front();  // frees a place when the server has noticed
  open(tom);
  EXPECT_TRUE(wait_until([&] {
    if (open_.back().running()) return open_.back().output().find("data: ") != std::string::npos;
    open_.pop_back();
    open(tom);
    return false;
  }));
}

TEST_F(streams, end_at_a_logout) {
  visitor tom = new_operator();
  open(tom);
  EXPECT_TRUE(
      wait_until([&] { return open_.front().output().find("data: ") != std::string::npos; }));
  EXPECT_TRUE(open_.front().running());
  EXPECT_EQ(flash_on(tom.post("/logout")), "You are logged out.");
  EXPECT_TRUE(wait_until([&] { return !open_.front().running(); }));
  EXPECT_EQ(open_.front().wait(), 0) << "the stream has come to its end";
  EXPECT_EQ(tom.get("/operator/events").status, 403);
}

TEST_F(streams, are_for_nobody_without_the_key) {
  visitor eve(port_);
  eve.post("/count");
  EXPECT_EQ(eve.get("/operator/events").status, 403);
}

TEST_F(streams, end_when_the_server_is_told_to_stop) {
  visitor tom = new_operator();
  open(tom);
  tom.post("/operator/traffic");
  EXPECT_TRUE(
      wait_until([&] { return open_.front().output().find("data: ") != std::string::npos; }));
  server_->send_signal(SIGTERM);
  EXPECT_EQ(server_->wait(5s), 0);
  EXPECT_THAT(server_->output(), HasSubstr("Stopped."));
  EXPECT_EQ(server_->errors(), "");
}

}  // namespace
