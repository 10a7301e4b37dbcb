#pragma once

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "process.hpp"
#include "raw_http.hpp"

/// The demo server in a temporary folder.
class demo_fixture : public testing::Test {
 protected:
  std::optional<process>& start(std::optional<process>& server, const std::string& port = "0",
                                const std::string& database = "demo.db",
                                const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{DEMO, "--port", port, "--database", database};
    command.insert(command.end(), more.begin(), more.end());
    server.emplace(command, folder_.path());
    return server;
  }

  /// Returns the port that the server prints.
  static int port_of(process& server) {
    using namespace std::chrono_literals;
    static const std::string before = "Serving on http://127.0.0.1:";
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (server.running() && std::chrono::steady_clock::now() < deadline) {
      const std::string output = server.output();
      const std::size_t found = output.find(before);
      if (found != std::string::npos && output.find('\n', found) != std::string::npos) {
        const int port = std::atoi(output.c_str() + found + before.size());
        if (wait_until_listening(port, 20s)) return port;
      }
      std::this_thread::sleep_for(5ms);
    }
    ADD_FAILURE() << "the demo does not serve: " << server.errors();
    return 0;
  }

  temporary_folder folder_;
};
