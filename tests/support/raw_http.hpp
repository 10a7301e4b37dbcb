#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A response, byte for byte as it was received.
struct http_response {
  /// 0: the connection ended before a complete status line.
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  /// Decoded if it came in chunks.
  std::string body{};
  /// Whether the body is complete, according to its headers.
  bool complete = false;

  /// Returns the values of all lines with this name, ignoring letter case, in order.
  std::vector<std::string> all(std::string_view name) const;
  /// Returns the only such line's value. Empty if there are none or several.
  std::string one(std::string_view name) const;
};

/// A connection to a server on 127.0.0.1 that sends any bytes. Every wait ends after ten seconds at
/// the latest. Used by one thread.
class http_connection {
 public:
  /// Throws std::system_error if no process listens.
  explicit http_connection(int port);
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// Returns false if the server did not accept all of it.
  bool send(std::string_view bytes) const;
  /// Closes the sending side.
  void finish_sending() const;

  /// Reads one response. With no_body (after HEAD), it reads only the head.
  enum class expect { body, no_body };
  http_response receive(expect expected = expect::body);

  /// Reads until the server closes the connection. Returns false if it does not.
  bool server_closes();
  /// Does the same, and returns what was received, byte for byte.
  std::string receive_rest();

  /// Reads until the server closes the connection, or sends nothing for this long after it has sent
  /// something (and for ten seconds before that).
  std::string receive_all(std::chrono::milliseconds silence);
  /// Whether the server has closed the connection, as far as this side has read.
  bool is_closed() const { return closed_; }

  /// Sends a request without a body, with these header lines (each ends in CR LF), and returns the
  /// response.
  http_response get(std::string_view target, std::string_view header_lines = "");
  http_response request(std::string_view method, std::string_view target,
                        std::string_view header_lines = "", std::string_view body = "");

 private:
  bool fill();
  bool take_line(std::string& line);

  int socket_;
  bool closed_ = false;
  std::string received_;
};

/// Sends one request on a new connection.
http_response http_get(int port, std::string_view target, std::string_view header_lines = "");

/// Whether a process listens on 127.0.0.1:port.
bool is_listening(int port);
/// Waits for that. Returns false after the limit.
bool wait_until_listening(int port, std::chrono::milliseconds limit);
