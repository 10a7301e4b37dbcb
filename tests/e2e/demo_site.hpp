#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "demo_fixture.hpp"
#include "visitor.hpp"

/// A running demo server, for tests of its handlers' responses.
class demo_site : public demo_fixture {
 protected:
  void SetUp() override {
    port_ = port_of(*start(server_));
    ASSERT_NE(port_, 0);
  }

  void kill_and_start_again() {
    server_->send_signal(SIGKILL);
    ASSERT_EQ(server_->wait(), -SIGKILL);
    port_ = port_of(*start(server_));
  }

  /// Returns the path of the operator's page, with the key that the server has printed last.
  std::string operator_link() {
    const std::string before = "/operator?key=";
    EXPECT_TRUE(wait_until([&] {
      const std::size_t found = server_->output().rfind(before);
      return found != std::string::npos && server_->output().find('\n', found) != std::string::npos;
    }));
    const std::string output = server_->output();
    const std::size_t begin = output.rfind(before);
    return output.substr(begin, output.find('\n', begin) - begin);
  }

  /// Returns a visitor who has opened the operator's page.
  visitor new_operator() {
    visitor made(port_);
    EXPECT_EQ(made.get(operator_link()).one("Location"), "/operator");
    EXPECT_EQ(made.get("/operator").status, 200);
    return made;
  }

  /// Returns the response byte for byte.
  http_response send(const std::string& request) const {
    http_connection connection(port_);
    connection.send(request);
    return connection.receive();
  }

  template <class Condition>
  static bool wait_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
  }

  std::optional<process> server_;
  int port_ = 0;
};

inline std::string between(const std::string& text, const std::string& before,
                           const std::string& after) {
  const std::size_t begin = text.find(before);
  if (begin == std::string::npos) return "";
  const std::size_t end = text.find(after, begin + before.size());
  return text.substr(begin + before.size(), end - begin - before.size());
}

/// Returns the page's flash message.
inline std::string flash_on(const http_response& page) {
  return between(page.body, "role=\"status\">", "<");
}
