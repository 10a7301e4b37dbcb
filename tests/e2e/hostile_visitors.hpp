#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "client_load.hpp"
#include "prompt_answers.hpp"
#include "raw_http.hpp"
#include "smuggling.hpp"

// What one visitor must not be able to do to the others, tested on the shipped programs.

/// Checks that no part of a body is answered as a request, on routes that exist and on others.
inline void expect_one_answer_to_each_request(int port) {
  const std::string cookie = cookie_of_put(port);
  for (const char* target : {"/get", "/nowhere"}) {
    try_to_smuggle(port, smuggling_attempts(target, cookie),
                   [&](const smuggling_attempt& attempt, const answers_on_connection& answers) {
                     EXPECT_LE(answers.count, 1) << attempt.name << ", " << target;
                     if (attempt.ambiguous) {
                       EXPECT_TRUE(answers.closed || answers.first_says_close)
                           << attempt.name << ", " << target;
                     }
                   });
  }
  EXPECT_EQ(http_get(port, "/get", cookie).body, "Hello world!");
}

/// Checks that the server survives Range lines of every length that it accepts.
inline void expect_no_end_by_a_range(int port) {
  for (const std::size_t size : {249U, 1000U, 4000U, 7600U, 8100U}) {
    for (const std::string unit : {"-,", "0-,", "0-0,1", "x"}) {
      std::string ranges = "bytes=";
      while (ranges.size() + unit.size() < size)
        ranges += unit;
      http_get(port, "/get", "Range: " + ranges + "\r\n");
      ASSERT_TRUE(is_listening(port)) << "ended by a Range line of " << size << " bytes";
    }
  }
}

/// Returns KiB, or 0 if the system does not provide it.
inline long peak_memory_of(int process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    long amount = 0;
    if (word == "VmHWM:" && status >> amount) return amount;
  }
  return 0;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUNTSTORE_TESTS_UNDER_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define BUNTSTORE_TESTS_UNDER_ASAN
#endif

// AddressSanitizer keeps freed memory for a while, and slows down both sides.
#ifdef BUNTSTORE_TESTS_UNDER_ASAN
constexpr long memory_of_sanitizer_kib = 256 << 10;
constexpr std::chrono::seconds longest_silence{5};
#else
constexpr long memory_of_sanitizer_kib = 0;
constexpr std::chrono::seconds longest_silence{2};
#endif

/// Checks that requests of 8 KiB for thousands of ranges use less than 200 MiB. (They use 1.4 GB if
/// the ranges are joined.)
inline void expect_ranges_to_cost_little(int port, int process) {
  const long before = peak_memory_of(process);
  std::string ranges = "bytes=";
  while (ranges.size() < 8000)
    ranges += "-,";
  const std::string request = "GET /get HTTP/1.1\r\nHost: localhost\r\n" + cookie_of_put(port) +
                              "Range: " + ranges + "-\r\n\r\n";
  std::vector<std::unique_ptr<http_connection>> connections;
  for (int i = 0; i < 24; ++i) {
    connections.push_back(std::make_unique<http_connection>(port));
    connections.back()->send(request);
  }
  for (const auto& connection : connections)
    connection->receive();
  EXPECT_LT(peak_memory_of(process) - before, (200 << 10) + memory_of_sanitizer_kib);
}

/// Checks that a body of 512 MiB in chunks uses less than 32 MiB.
inline void expect_chunks_to_cost_little(int port, int process) {
  const long before = peak_memory_of(process);
  http_connection connection(port);
  connection.send(
      "POST /put HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 8192 && connection.send(chunk); ++i) {
  }
  connection.send("0\r\n\r\n");
  connection.receive();
  EXPECT_LT(peak_memory_of(process) - before, (32 << 10) + memory_of_sanitizer_kib);
}

/// Checks that 32 idle connections, as browsers and proxies keep them, delay another visitor by at
/// most one second, whether they have already sent a request or not.
inline void expect_idle_connections_to_delay_nobody(int port) {
  const std::string cookie = cookie_of_put(port);
  std::vector<std::unique_ptr<http_connection>> idle;
  for (int i = 0; i < 32; ++i) {
    idle.push_back(std::make_unique<http_connection>(port));
    if (i % 2 == 0) idle.back()->get("/get", cookie);
  }
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(http_get(port, "/get", cookie).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
}

/// Checks that none of 256 visitors who send requests without a pause waits longer than two
/// seconds.
inline void expect_nobody_to_starve(int port) {
  load_result busy;
  for (int attempt = 0; attempt < 5; ++attempt) {  // another process may disturb one
    busy = ask_without_pause(port, "/get", cookie_of_put(port), 256,
                             longest_silence + std::chrono::seconds(1));
    if (busy.longest_silence < longest_silence && busy.failures == 0) break;
  }
  EXPECT_EQ(busy.failures, 0);
  EXPECT_GT(busy.least_served, 0);
  EXPECT_LT(busy.longest_silence, longest_silence);
}
