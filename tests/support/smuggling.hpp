#pragma once

#include <functional>
#include <string>
#include <vector>

/// Bytes that look like one request to a proxy, and perhaps like several to a server.
struct smuggling_attempt {
  /// For failures: which request it is.
  std::string name;
  std::string bytes;
  /// Whether the request's length is said in contradictory ways: it may be refused, or answered
  /// once, but the connection must end.
  bool ambiguous = false;
};

/// Requests for this target by every method, whose bodies consist of further requests: of several
/// sizes, among them those that end with a library's buffer; with their lengths said twice; in
/// chunks. With a cookie line (or any other header lines, each ending in CR LF).
std::vector<smuggling_attempt> smuggling_attempts(const std::string& target,
                                                  const std::string& header_lines = "");

/// What came back on one connection.
struct answers_on_connection {
  /// How many responses.
  int count = 0;
  /// The first one's status; 0 if there is none.
  int status = 0;
  /// Whether the first one says that the connection ends.
  bool first_says_close = false;
  /// Whether the server has ended the connection within the time.
  bool closed = false;
};

/// Calls a function with each attempt and what came back, of several connections at a time, but
/// with one at a time.
void try_to_smuggle(
    int port, const std::vector<smuggling_attempt>& attempts,
    const std::function<void(const smuggling_attempt&, const answers_on_connection&)>& judge);

/// Sends the bytes on a connection of its own, and listens until the server ends it, or says
/// nothing for 200 ms after the first response.
answers_on_connection answers_to(int port, const std::string& bytes);
