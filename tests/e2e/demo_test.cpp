// Tests the demo server as a child process: with signals, the real curl, and invalid input.

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "browser.hpp"
#include "demo_fixture.hpp"
#include "hostile_visitors.hpp"
#include "process.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class demo : public demo_fixture {
 protected:
  browser browser_{folder_.path()};
};

TEST_F(demo, keeps_the_session_when_it_is_killed_and_started_again) {
  std::optional<process> server;
  int port = port_of(*start(server));
  EXPECT_EQ(browser_.get(port, "/put"), "");
  EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
  server->send_signal(SIGKILL);
  EXPECT_EQ(server->wait(), -SIGKILL);

  port = port_of(*start(server));
  EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
}

TEST_F(demo, is_restarted_without_a_failed_request) {
  std::optional<process> first;
  const int port = port_of(*start(first));
  EXPECT_EQ(browser_.get(port, "/put"), "");
  std::optional<process> second;
  start(second, std::to_string(port), "demo.db", {"--restart"});
  while (first->running() && second->running())
    EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
  EXPECT_EQ(first->wait(), 0) << first->errors();
  EXPECT_EQ(port_of(*second), port) << second->errors();
  EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
  EXPECT_THAT(second->output(),
              HasSubstr("Taking over from process " + std::to_string(first->id())));
}

TEST_F(demo, restarts_where_nothing_runs) {
  std::optional<process> server;
  EXPECT_EQ(browser_.get(port_of(*start(server, "0", "demo.db", {"--restart"})), "/get"), "");
}

TEST_F(demo, prints_no_token_and_writes_none_into_its_file) {
  std::optional<process> server;
  const int port = port_of(*start(server));
  const http_response put = http_get(port, "/put");
  const std::string set = put.one("Set-Cookie");
  const std::string cookie = set.substr(0, set.find(';'));
  const std::string token = cookie.substr(cookie.find('=') + 1);
  ASSERT_EQ(token.size(), 43U) << set;
  EXPECT_EQ(http_get(port, "/get", "Cookie: " + cookie + "\r\n").body, "Hello world!");
  server->send_signal(SIGTERM);
  server->wait();
  EXPECT_THAT(server->output() + server->errors(), testing::Not(HasSubstr(token)));
  std::ifstream file{folder_.path() / "demo.db", std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  EXPECT_THAT(bytes, HasSubstr("Hello world!"));
  EXPECT_THAT(bytes, testing::Not(HasSubstr(token)));
}

TEST_F(demo, sends_no_answer_late) {
  std::optional<process> server;
  expect_no_delayed_answers(port_of(*start(server)));
}

TEST_F(demo, answers_many_connections_at_once) {
  std::optional<process> server;
  expect_answers_to_a_burst(port_of(*start(server)));
}

TEST_F(demo, answers_nothing_of_a_body) {
  std::optional<process> server;
  expect_one_answer_to_each_request(port_of(*start(server)));
}

TEST_F(demo, keeps_no_bodies_and_no_pages_in_memory_for_one_visitor) {
  std::optional<process> server;
  const int port = port_of(*start(server));
  expect_ranges_to_cost_little(port, server->id());
  expect_chunks_to_cost_little(port, server->id());
}

TEST_F(demo, survives_range_lines_where_threads_have_small_stacks) {
  process server({"sh", "-c", std::string("ulimit -s 128; exec ") + DEMO + " --port 0"},
                 folder_.path());
  expect_no_end_by_a_range(port_of(server));
}

TEST_F(demo, lets_idle_connections_delay_nobody) {
  std::optional<process> server;
  expect_idle_connections_to_delay_nobody(port_of(*start(server)));
}

TEST_F(demo, lets_nobody_starve) {
  std::optional<process> server;
  expect_nobody_to_starve(port_of(*start(server)));
}

TEST_F(demo, shows_a_page) {
  std::optional<process> server;
  EXPECT_THAT(browser_.get(port_of(*start(server)), "/"),
              HasSubstr("<title>buntstore demo</title>"));
}

TEST_F(demo, lets_the_requests_under_way_end_when_it_is_told_to_stop) {
  for (const int signal : {SIGTERM, SIGINT}) {
    std::optional<process> server;
    const int port = port_of(*start(server));
    http_connection connection(port);
    connection.send(
        "POST /put HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: "
        "100-continue\r\n\r\n");
    ASSERT_EQ(connection.receive(http_connection::expect::no_body).status, 100);  // it has begun
    server->send_signal(signal);
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (is_listening(port) && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(1ms);
    }
    EXPECT_FALSE(is_listening(port));
    connection.send("body");
    const http_response response = connection.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.all("Set-Cookie").size(), 1U);
    EXPECT_EQ(server->wait(), 0) << server->errors();
    EXPECT_THAT(server->output(), HasSubstr("Stopped."));
  }
}

/// Tells the server to stop while it answers a request, and once more after the pause. Returns its
/// exit status. The request gets its body if the server waits for it.
int stop_twice(process& server, int port, std::chrono::milliseconds pause) {
  http_connection connection(port);
  connection.send(
      "POST /put HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(connection.receive(http_connection::expect::no_body).status, 100);
  server.send_signal(SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (is_listening(port) && std::chrono::steady_clock::now() < deadline) {
  }
  std::this_thread::sleep_for(pause);
  server.send_signal(SIGTERM);
  std::this_thread::sleep_for(10ms);
  connection.send("body");
  return server.wait();
}

TEST_F(demo, stops_properly_when_it_is_told_twice_within_a_moment) {
  int status = -1;
  for (int attempt = 0; attempt < 3 && status != 0; ++attempt) {  // a busy machine may be too slow
    std::optional<process> server;
    const int port = port_of(*start(server));
    status = stop_twice(*server, port, 0ms);
  }
  EXPECT_EQ(status, 0);
}

TEST_F(demo, ends_at_once_when_it_is_told_again_later) {
  std::optional<process> server;
  const int port = port_of(*start(server));
  EXPECT_EQ(stop_twice(*server, port, 600ms), 128 + SIGTERM);
}

TEST_F(demo, stops_soon_although_a_browser_keeps_its_connection_open) {
  std::optional<process> server;
  http_connection connection(port_of(*start(server)));
  EXPECT_EQ(connection.get("/get").status, 200);
  server->send_signal(SIGTERM);
  EXPECT_EQ(server->wait(4s), 0);
}

TEST_F(demo, says_that_the_port_is_in_use) {
  std::optional<process> first;
  const std::string port = std::to_string(port_of(*start(first)));
  std::optional<process> second;
  start(second, port, "other.db");
  EXPECT_EQ(second->wait(), 1);
  EXPECT_THAT(second->errors(), HasSubstr("cannot listen on 127.0.0.1:" + port));
  EXPECT_THAT(second->errors(), HasSubstr("in use"));
}

TEST_F(demo, says_who_has_the_database_open) {
  std::optional<process> first;
  const int port = port_of(*start(first));
  std::optional<process> second;
  start(second);
  EXPECT_EQ(second->wait(), 1);
  EXPECT_THAT(second->errors(), HasSubstr("demo.db"));
  EXPECT_THAT(second->errors(), HasSubstr(std::to_string(first->id())));
  EXPECT_EQ(browser_.get(port, "/get"), "") << "the first goes on";
}

TEST_F(demo, says_what_is_wrong_with_its_options) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--port", "x"}, {"--port", "70000"}, {"--port", "-1"}, {"--port"},
      {"--frob"},      {"--database", ""},  {"--database"},   {"stray"},
  };
  for (std::vector<std::string> arguments : wrong) {
    arguments.insert(arguments.begin(), DEMO);
    process server(arguments, folder_.path());
    EXPECT_EQ(server.wait(), 2) << testing::PrintToString(arguments);
    EXPECT_THAT(server.errors(), HasSubstr("--help")) << testing::PrintToString(arguments);
  }
  process help({DEMO, "--help"}, folder_.path());
  EXPECT_EQ(help.wait(), 0);
  EXPECT_THAT(help.output(), testing::AllOf(HasSubstr("--port"), HasSubstr("--database")));
}

TEST_F(demo, says_why_it_cannot_open_the_database) {
  std::optional<process> server;
  for (const char* database : {".", "no/such/folder/demo.db"}) {
    start(server, "0", database);
    EXPECT_EQ(server->wait(), 1) << database;
    EXPECT_THAT(server->errors(), testing::StartsWith("demo: ")) << database;
    EXPECT_THAT(server->errors(), HasSubstr(database));
  }
}

TEST_F(demo, survives_rubbish) {
  std::optional<process> server;
  const int port = port_of(*start(server));
  std::string noise;
  unsigned state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1'103'515'245U + 12'345U;
    noise += static_cast<char>(state >> 16U);
  }
  const std::string head = "GET /get HTTP/1.1\r\nHost: x\r\n";
  const std::vector<std::string> rubbish = {
      "",
      "\r\n\r\n\r\n",
      "GET\r\n\r\n",
      "GET /get\r\n\r\n",
      "GET /get HTTP/9.9\r\n\r\n",
      "GET " + std::string(100'000, '/') + " HTTP/1.1\r\n\r\n",
      std::string(100'000, '\0'),
      std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11),  // a TLS hello
      noise,
      head + "Cookie: " + std::string(1'000'000, 'a') + "\r\n\r\n",
      head + "Cookie: session=" + std::string(43, 'A') + "\r\n\r\n",
      head + "no colon\r\n: no name\r\n\r\n",
      head + "Content-Length: -1\r\n\r\n",
      head + "Content-Length: 99999999999999999999\r\n\r\nabc",
      head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
      head + "Range: bytes=9-1,-,5-\r\n\r\n",
  };
  for (const std::string& bytes : rubbish) {
    http_connection connection(port);
    connection.send(bytes);
    connection.finish_sending();
    connection.server_closes();
    ASSERT_TRUE(server->running()) << bytes.substr(0, 60) << '\n' << server->errors();
  }
  EXPECT_EQ(browser_.get(port, "/put"), "");
  EXPECT_EQ(browser_.get(port, "/get"), "Hello world!");
}

}  // namespace
