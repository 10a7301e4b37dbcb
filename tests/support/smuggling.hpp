#pragma once

#include <functional>
#include <string>
#include <vector>

/// Bytes that look like one request to a proxy, but may look like several to a server.
struct smuggling_attempt {
  /// Names the request in failures.
  std::string name;
  std::string bytes;
  /// Whether the request's length is contradictory: it may be refused, or answered once, but the
  /// connection must end.
  bool ambiguous = false;
};

/// Returns requests for this target with every method, whose bodies consist of further requests: of
/// several sizes, among them those that end with a library's buffer; with two lengths; in chunks.
/// They have these header lines (each ends in CR LF), such as a cookie line.
std::vector<smuggling_attempt> smuggling_attempts(const std::string& target,
                                                  const std::string& header_lines = "");

/// What was received on one connection.
struct answers_on_connection {
  /// The number of responses.
  int count = 0;
  /// The first one's status. 0 if there is none.
  int status = 0;
  /// Whether the first one says that the connection ends.
  bool first_says_close = false;
  /// Whether the server has closed the connection within the time.
  bool closed = false;
};

/// Calls a function with each attempt and what was received. It uses several connections at a time,
/// but calls the function for one at a time.
void try_to_smuggle(
    int port, const std::vector<smuggling_attempt>& attempts,
    const std::function<void(const smuggling_attempt&, const answers_on_connection&)>& judge);

/// Sends the bytes on a new connection, and reads until the server closes it, or sends nothing for
/// 200 ms after the first response.
answers_on_connection answers_to(int port, const std::string& bytes);
