#include "http/load/load.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "http/tests/tiny_server.hpp"

namespace bench::http {
namespace {

using namespace std::chrono_literals;
using reaction = tiny_server::reaction;

constexpr const char* hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr const char* last_hello =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

TEST(load, reports_a_connection_that_the_server_starves) {
  tiny_server server([](std::size_t connection) {
    return connection == 2 ? reaction{} : reaction{.answer = hello};
  });
  const load_result all = run_load({.port = server.port(), .connections = 8, .time = 500ms});
  EXPECT_GT(all.requests, 70U);
  EXPECT_EQ(all.least_served, 0U);
  EXPECT_GE(all.longest_silence_ns, 490e6);
  EXPECT_LE(all.longest_silence_ns, all.seconds * 1e9 + 1e3);  // the two are rounded differently
  EXPECT_LT(all.p99_ns, 400e6) << "what is never answered is in no percentile";
  EXPECT_EQ(all.errors, 0U);
}

TEST(load, finds_nobody_starved_where_all_are_served) {
  tiny_server server([](std::size_t) { return reaction{.answer = hello}; });
  const load_result all = run_load({.port = server.port(), .connections = 8, .time = 300ms});
  EXPECT_GT(all.least_served, 5U);
  EXPECT_GE(all.requests, 8 * all.least_served);
  EXPECT_GE(all.longest_silence_ns, all.longest_ns * 0.999);
  EXPECT_EQ(all.reconnects, 0U);
  EXPECT_EQ(all.errors, 0U);
}

TEST(load, counts_how_long_a_connection_is_refused) {
  int port = 0;
  {
    tiny_server gone([](std::size_t) { return reaction{}; });
    port = gone.port();
  }
  const load_result all = run_load({.port = port, .connections = 2, .time = 100ms});
  EXPECT_EQ(all.requests, 0U);
  EXPECT_GE(all.errors, 4U) << "tried again every 10 ms";
  EXPECT_GE(all.longest_silence_ns, 99e6);
}

TEST(load, opens_again_what_the_server_closes) {
  for (const char* const answer : {hello, last_hello}) {  // without an announcement, and with it
    tiny_server server([&](std::size_t) { return reaction{.answer = answer, .close = true}; });
    const load_result all = run_load({.port = server.port(), .connections = 2, .time = 100ms});
    EXPECT_GT(all.requests, 5U);
    EXPECT_GE(all.reconnects + 2, all.requests);
    EXPECT_EQ(all.errors, 0U);
  }
}

TEST(load, counts_answers_that_are_cut_off) {
  tiny_server server([](std::size_t) {
    return reaction{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", .close = true};
  });
  const load_result all = run_load({.port = server.port(), .connections = 1, .time = 100ms});
  EXPECT_EQ(all.requests, 0U);
  EXPECT_GT(all.errors, 0U);
}

TEST(load, keeps_idle_connections_open) {
  tiny_server server(
      [](std::size_t connection) { return reaction{.answer = hello, .close = connection == 0}; });
  const load_result all =
      run_load({.port = server.port(), .connections = 1, .time = 200ms, .idle_connections = 4});
  EXPECT_EQ(all.idle_answered, 4U);
  EXPECT_EQ(all.idle_closed, 1U);
  EXPECT_GT(all.requests, 5U);
  EXPECT_EQ(all.least_served, all.requests) << "idle ones are not served less than others";
  EXPECT_LT(all.longest_silence_ns, 190e6) << "a connection without a request is not silent";
}

}  // namespace
}  // namespace bench::http
