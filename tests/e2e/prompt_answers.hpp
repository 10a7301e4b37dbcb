#pragma once

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "client_load.hpp"
#include "raw_http.hpp"

/// The header line that sends back the cookie that GET /put sets.
inline std::string cookie_of_put(int port) {
  const std::string cookie = http_get(port, "/put").one("Set-Cookie");
  EXPECT_NE(cookie, "");
  return "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
}

/// Expects that the server sends the answer to GET /get, which is small, without waiting for the
/// client's delayed acknowledgment. That takes 40 ms on every request but a connection's first. The
/// median of 20 requests is judged, so that another process on the machine disturbs nothing.
inline void expect_no_delayed_answers(int port) {
  const auto times = times_in_sequence(port, "/get", cookie_of_put(port), 20);
  EXPECT_LT(times[times.size() / 2], std::chrono::milliseconds(20));
}

/// Expects that 200 connections that are opened at once are all answered within a second. The
/// client's system repeats an attempt that the backlog had no room for after one second, then after
/// three, seven and so on. The best of three attempts is judged, for the same reason.
inline void expect_answers_to_a_burst(int port) {
  constexpr int connections = 200;
  burst_result best;
  for (int attempt = 0; attempt < 3; ++attempt) {
    best = burst(port, "/get", connections, std::chrono::seconds(1));
    if (best.answered == connections) break;
  }
  EXPECT_EQ(best.answered, connections) << "after " << best.time.count() << " ms";
}
