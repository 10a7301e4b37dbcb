#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <httplib.h>
#include <pthread.h>

#include <scs/http/serve.hpp>

#include "httplib_tables.hpp"
#include "raw_http.hpp"

namespace scs::http {

namespace {

using namespace std::chrono_literals;
using httplib::Request, httplib::Response;

/// Returns the size of the calling thread's stack.
std::size_t stack_size() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  std::size_t size = 0;
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  return size;
}

/// Returns how many file descriptors this process has.
std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

struct serving : testing::Test {
  serving() {
    server.Get("/", [](const Request&, Response& response) {
      response.set_content("hello", "text/plain");
    });
    server.Get("/stack", [](const Request&, Response& response) {
      response.set_content(std::to_string(stack_size()), "text/plain");
    });
    server.Get("/slow", [this](const Request&, Response& response) {
      slow_begun = true;
      std::this_thread::sleep_for(slow_time);
      response.set_content("slow", "text/plain");
    });
  }
  ~serving() override { stop(); }

  void start(serve_options options = {}) {
    tests::build_tables_of_httplib();
    std::promise<int> listening;
    options.on_listening = [&](int taken) { listening.set_value(taken); };
    thread = std::thread([this, options] { serve(server, "127.0.0.1", 0, options); });
    port = listening.get_future().get();
    while (!server.is_running())
      std::this_thread::yield();
  }

  /// Returns how long the stop takes.
  std::chrono::milliseconds stop() {
    const auto begun = std::chrono::steady_clock::now();
    if (thread.joinable()) {
      server.stop();
      thread.join();
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begun);
  }

  httplib::Server server;
  int port = 0;
  std::chrono::milliseconds slow_time = 300ms;
  std::atomic<bool> slow_begun = false;
  std::thread thread;
};

TEST_F(serving, refuses_options_that_make_no_sense) {
  const std::vector<serve_options> bad{
      {.keep_alive_timeout = -1s}, {.keep_alive_requests = 0}, {.threads = 0},
      {.max_waiting = 0},          {.listen_backlog = 0},      {.stop_timeout = -1ms}};
  for (const serve_options& options : bad)
    EXPECT_THROW(serve(server, "127.0.0.1", 0, options), std::invalid_argument);
}

TEST_F(serving, throws_where_it_cannot_listen) {
  start();
  httplib::Server second;
  EXPECT_THROW(serve(second, "127.0.0.1", port), std::system_error);
}

TEST_F(serving, gives_its_threads_large_stacks) {
  start();
  EXPECT_GE(std::stoul(http_get(port, "/stack").body), 8UL << 20);
}

TEST_F(serving, gives_its_threads_the_stacks_that_are_asked_for) {
  start({.thread_stack = std::size_t{1} << 20});
  EXPECT_EQ(std::stoul(http_get(port, "/stack").body), 1UL << 20);
}

TEST_F(serving, leaves_the_applications_threads_alone) {
  std::atomic<int> made = 0;
  server.new_task_queue = [&made] {
    ++made;
    return new httplib::ThreadPool(2);
  };
  start();
  EXPECT_EQ(http_get(port, "/").body, "hello");
  EXPECT_EQ(made, 1);
}

TEST_F(serving, starts_a_thread_for_each_connection) {
  slow_time = 500ms;
  start({.threads = 20});
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::thread> visitors;
  visitors.reserve(20);
  for (int i = 0; i < 20; ++i)
    visitors.emplace_back([&] { EXPECT_EQ(http_get(port, "/slow").body, "slow"); });
  for (std::thread& visitor : visitors)
    visitor.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 8 * slow_time);
}

TEST_F(serving, starts_no_more_threads_than_asked_for) {
  start({.threads = 1});
  const auto begun = std::chrono::steady_clock::now();
  std::thread first([&] { EXPECT_EQ(http_get(port, "/slow").body, "slow"); });
  EXPECT_EQ(http_get(port, "/slow").body, "slow");
  first.join();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 2 * slow_time);
}

TEST_F(serving, accepts_no_more_connections_than_may_wait) {
  slow_time = 1s;
  start({.threads = 1, .max_waiting = 2, .listen_backlog = 64});
  http_connection busy(port);
  busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!slow_begun)
    std::this_thread::yield();
  const std::ptrdiff_t before = open_files();
  std::vector<std::unique_ptr<http_connection>> visitors;
  for (int i = 0; i < 12; ++i) {
    visitors.push_back(std::make_unique<http_connection>(port));
    visitors.back()->send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }
  std::this_thread::sleep_for(200ms);
  // Each visitor has a socket on the client's side. On the server's side two connections wait, and
  // one is refused.
  EXPECT_LE(open_files() - before, 12 + 2 + 1);
  for (const auto& visitor : visitors)
    EXPECT_EQ(visitor->receive().body, "hello");
}

TEST_F(serving, stops_while_connections_wait_to_be_accepted) {
  server.set_read_timeout(30);
  start({.threads = 1, .max_waiting = 1, .listen_backlog = 64, .stop_timeout = 500ms});
  std::vector<std::unique_ptr<http_connection>> visitors;
  for (int i = 0; i < 4; ++i) {
    visitors.push_back(std::make_unique<http_connection>(port));
    visitors.back()->send("GET / HTTP/1.1\r\nHost: ");  // half a request occupies its thread
  }
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(stop(), 10s) << "the half request was waited for";
}

TEST_F(serving, answers_the_request_under_way_when_it_stops) {
  start();
  std::string body;
  std::thread visitor([&] { body = http_get(port, "/slow").body; });
  while (!slow_begun)
    std::this_thread::yield();
  stop();
  visitor.join();
  EXPECT_EQ(body, "slow");
}

TEST_F(serving, waits_for_no_unused_connection_when_it_stops) {
  server.set_keep_alive_timeout(5);
  start();
  const http_connection unused(port);
  std::this_thread::sleep_for(100ms);  // until it has a thread
  EXPECT_LT(stop(), 1s);
}

TEST_F(serving, waits_for_half_a_request_only_so_long_when_it_stops) {
  start({.stop_timeout = 500ms});
  const http_connection half(port);
  half.send("GET / HTTP/1.1\r\nHost: ");
  std::this_thread::sleep_for(100ms);
  const auto took = stop();
  EXPECT_LT(took, 4s) << "the library waits for five seconds";
}

TEST_F(serving, ends_a_connection_after_so_many_requests) {
  start({.keep_alive_requests = 2});
  http_connection connection(port);
  if (detail::httplib_0_52_drains_bodies) {
    EXPECT_NE(connection.get("/").one("Connection"), "close");
  }
  EXPECT_EQ(connection.get("/").one("Connection"), "close");
  EXPECT_TRUE(connection.server_closes());
}

TEST_F(serving, ends_an_idle_connection_after_the_timeout) {
  server.set_keep_alive_timeout(60);
  start({.keep_alive_timeout = 1s});
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(http_connection(port).server_closes());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(serving, calls_the_socket_options) {
  std::atomic<int> called = 0;
  start({.socket_options = [&](socket_t) { ++called; }});
  EXPECT_GE(called, 1);
  EXPECT_EQ(http_get(port, "/").body, "hello");
}

}  // namespace

}  // namespace scs::http
