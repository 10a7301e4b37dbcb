#pragma once

#include <chrono>
#include <string>
#include <vector>

/// Sends GET requests with these header lines (each ends in CR LF) to 127.0.0.1:port, one after the
/// other: on one connection for as long as the server keeps it, then on the next. Returns how long
/// each of them took, the shortest first. Throws std::runtime_error if the status is not 200 or the
/// body is empty: a response without a body shows no delay between head and body.
std::vector<std::chrono::microseconds> times_in_sequence(int port, const std::string& target,
                                                         const std::string& header_lines,
                                                         int requests);

/// What became of connections that were opened at once.
struct burst_result {
  /// Of how many connections the server has sent a whole response with status 200.
  int answered = 0;
  /// From the first connect() until the last response, or until the limit.
  std::chrono::milliseconds time{};
};

/// Opens so many connections to 127.0.0.1:port before it reads from any of them, sends one GET with
/// `Connection: close` on each, and waits for the responses until the limit. Throws
/// std::system_error when there are not enough file descriptors.
burst_result burst(int port, const std::string& target, int connections,
                   std::chrono::milliseconds limit);

/// What came of visitors who ask again as soon as they have an answer.
struct load_result {
  /// Requests with an answer, of all and of the visitor who got the fewest.
  int answers = 0;
  int least_served = 0;
  /// The longest time for which one visitor waited for an answer, the last ones included, which
  /// nobody got. A connection that had to be opened anew is waited for, too.
  std::chrono::milliseconds longest_silence{};
  /// Answers with another status than 200, and connections that could not be opened or ended
  /// without an answer.
  int failures = 0;
};

/// So many visitors, each on a connection of their own, which is kept while the server keeps it.
/// All ask for the same target, with these header lines (each ends in CR LF). Throws
/// std::system_error.
load_result ask_without_pause(int port, const std::string& target, const std::string& header_lines,
                              int visitors, std::chrono::milliseconds duration);
