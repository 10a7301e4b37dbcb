// One process takes over from another while visitors send requests without a pause: no request
// fails, none is sent twice, and no session is lost.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <scs/http/listening_socket.hpp>

#include "free_port.hpp"
#include "process.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Visitors who send one request after another, and never the same one again.
class load {
 public:
  enum class connections { kept, one_each };

  load(int port, int visitors) : port_(port) {
    for (int i = 0; i < visitors; ++i) {
      const connections kind = i % 2 == 0 ? connections::kept : connections::one_each;
      threads_.emplace_back([this, kind] { visit(kind); });
    }
  }
  ~load() { stop(); }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  void stop() {
    stopping_ = true;
    threads_.clear();
  }
  int answers() const { return answers_; }
  /// Call it after stop().
  const std::vector<std::string>& failures() const { return failures_; }
  std::chrono::milliseconds slowest() const { return slowest_; }

 private:
  void visit(connections kind) {
    std::optional<http_connection> connection;
    std::string cookie;
    for (int expected = 1; !stopping_; ++expected) {
      const auto asked = steady_clock::now();
      http_response answer;
      std::string problem;
      try {
        if (!connection) connection.emplace(port_);
        answer = connection->get("/count", cookie.empty() ? "" : "Cookie: " + cookie + "\r\n");
      } catch (const std::system_error& failure) {
        problem = failure.what();
      }
      const std::string set = answer.one("Set-Cookie");
      if (!set.empty()) cookie = set.substr(0, set.find(';'));
      if (kind == connections::one_each || answer.one("Connection") == "close") connection.reset();
      const std::lock_guard lock(mutex_);
      slowest_ = std::max(slowest_, std::chrono::duration_cast<std::chrono::milliseconds>(
                                        steady_clock::now() - asked));
      if (answer.status == 200 && answer.body == std::to_string(expected)) {
        ++answers_;
        continue;
      }
      failures_.push_back("request " + std::to_string(expected) + ": " + problem + " status " +
                          std::to_string(answer.status) + " body " + answer.body);
      return;
    }
  }

  const int port_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> answers_ = 0;
  std::mutex mutex_;
  std::vector<std::string> failures_;
  std::chrono::milliseconds slowest_{};
  std::vector<std::jthread> threads_;
};

struct handover : testing::TestWithParam<const char*> {
  static constexpr int handovers = 20;
  static constexpr int visitors = 6;

  std::unique_ptr<process> start(const std::string& port) {
    return std::make_unique<process>(
        std::vector<std::string>{HANDOVER_SERVER, GetParam(), port, "app.db"}, folder_.path());
  }

  /// Starts a server with this socket, as a service manager passes it.
  std::unique_ptr<process> start_with(int socket) {
    const std::string command = "exec 3<&" + std::to_string(socket) +
                                "; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=http; exec " +
                                HANDOVER_SERVER + " " + GetParam() + " passed app.db";
    return std::make_unique<process>(std::vector<std::string>{"bash", "-c", command},
                                     folder_.path());
  }

  static void wait_for(process& server, const std::string& word) {
    const auto deadline = steady_clock::now() + 20s;
    while (server.output().find(word) == std::string::npos) {
      ASSERT_TRUE(server.running()) << server.errors();
      ASSERT_LT(steady_clock::now(), deadline) << "the server does not say that it is " << word;
      std::this_thread::sleep_for(1ms);
    }
  }

  static void end(process& server) {
    server.send_signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0) << server.errors();
  }

  /// Lets the running server answer some requests.
  static void let_some_through(const load& load) {
    const int before = load.answers();
    const auto deadline = steady_clock::now() + 20s;
    while (load.answers() < before + 5 * visitors && steady_clock::now() < deadline)
      std::this_thread::sleep_for(1ms);
  }

  void expect_no_failure(load& load) {
    load.stop();
    EXPECT_EQ(load.failures(), std::vector<std::string>{});
    EXPECT_GE(load.answers(), handovers * visitors);
    RecordProperty("requests", load.answers());
    RecordProperty("slowest_ms", static_cast<int>(load.slowest().count()));
  }

  temporary_folder folder_;
};

TEST_P(handover, on_a_shared_port_fails_no_request_and_loses_no_session) {
  const int number = test::free_port();
  const std::string port = std::to_string(number);
  std::unique_ptr<process> serving = start(port);
  wait_for(*serving, "serving");
  load load(number, visitors);
  for (int i = 0; i < handovers && !HasFatalFailure(); ++i) {
    let_some_through(load);
    std::unique_ptr<process> next = start(port);
    wait_for(*next, "listening");
    end(*serving);
    wait_for(*next, "serving");
    serving = std::move(next);
  }
  let_some_through(load);
  expect_no_failure(load);
  end(*serving);
}

TEST_P(handover, by_a_socket_that_is_passed_fails_no_request_and_loses_no_session) {
  const scs::http::listening_socket socket{{.port = 0}};
  const int inherited = ::fcntl(socket.handle(), F_DUPFD, 10);
  ASSERT_GE(inherited, 10);
  std::unique_ptr<process> serving = start_with(inherited);
  wait_for(*serving, "serving");
  load load(socket.port(), visitors);
  for (int i = 0; i < handovers && !HasFatalFailure(); ++i) {
    let_some_through(load);
    end(*serving);
    serving = start_with(inherited);
    wait_for(*serving, "serving");
  }
  let_some_through(load);
  expect_no_failure(load);
  end(*serving);
  ::close(inherited);
}

INSTANTIATE_TEST_SUITE_P(servers, handover, testing::Values("httplib", "beast"),
                         [](const auto& which) { return std::string(which.param); });

}  // namespace
