#pragma once

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "client_load.hpp"
#include "raw_http.hpp"

/// Returns the header line with the cookie that GET /put sets.
inline std::string cookie_of_put(int port) {
  const std::string cookie = http_get(port, "/put").one("Set-Cookie");
  EXPECT_NE(cookie, "");
  return "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
}

/// Checks that the server sends the answer to GET /get, which is small, without waiting for the
/// client's delayed acknowledgment. That takes 40 ms on every request but a connection's first. The
/// median of 20 requests is used, so that other processes on the machine do not disturb the test.
inline void expect_no_delayed_answers(int port) {
  const auto times = times_in_sequence(port, "/get", cookie_of_put(port), 20);
  EXPECT_LT(times[times.size() / 2], std::chrono::milliseconds(20));
}

/// Checks that 200 connections that are opened at the same time are all answered within a second.
/// The client's system repeats an attempt for which the backlog had no room after one second, then
/// after three, seven and so on. The best of three attempts is used, for the same reason.
inline void expect_answers_to_a_burst(int port) {
  constexpr int connections = 200;
  burst_result best;
  for (int attempt = 0; attempt < 3; ++attempt) {
    best = burst(port, "/get", connections, std::chrono::seconds(1));
    if (best.answered == connections) break;
  }
  EXPECT_EQ(best.answered, connections) << "after " << best.time.count() << " ms";
}
