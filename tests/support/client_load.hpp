#pragma once

#include <chrono>
#include <string>
#include <vector>

/// Sends GET requests with these header lines (each ends in CR LF) to 127.0.0.1:port, one after
/// another: on one connection for as long as the server keeps it, then on the next one. Returns how
/// long each of them took, in ascending order. Throws std::runtime_error if the status is not 200
/// or the body is empty: without a body, a delay between head and body would not be visible.
std::vector<std::chrono::microseconds> times_in_sequence(int port, const std::string& target,
                                                         const std::string& header_lines,
                                                         int requests);

/// The result of connections that were opened at the same time.
struct burst_result {
  /// For how many connections the server has sent a complete response with status 200.
  int answered = 0;
  /// The time from the first connect() until the last response, or until the limit.
  std::chrono::milliseconds time{};
};

/// Opens this many connections to 127.0.0.1:port before it reads from any of them, sends one GET
/// with `Connection: close` on each, and waits for the responses until the limit. Throws
/// std::system_error if there are not enough file descriptors.
burst_result burst(int port, const std::string& target, int connections,
                   std::chrono::milliseconds limit);

/// The result of visitors who send a new request as soon as they have an answer.
struct load_result {
  /// The answered requests of all visitors, and those of the visitor with the fewest.
  int answers = 0;
  int least_served = 0;
  /// The longest time for which one visitor waited for an answer, including the last requests,
  /// which were not answered. The time for opening another connection counts, too.
  std::chrono::milliseconds longest_silence{};
  /// Responses with another status than 200, and connections that could not be opened or ended
  /// without a response.
  int failures = 0;
};

/// Starts this many visitors. Each has a separate connection, which is kept while the server keeps
/// it. All request the same target, with these header lines (each ends in CR LF). Throws
/// std::system_error.
load_result ask_without_pause(int port, const std::string& target, const std::string& header_lines,
                              int visitors, std::chrono::milliseconds duration);
