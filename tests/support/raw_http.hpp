#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A response, byte for byte as it came over the wire.
struct http_response {
  /// 0: the connection ended before a whole status line.
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  /// Decoded if it came in chunks.
  std::string body{};
  /// Whether the body came to its end, by its own account.
  bool complete = false;

  /// The values of all lines with this name, in any letter case, in order.
  std::vector<std::string> all(std::string_view name) const;
  /// The only such line's value; empty if there are none or several.
  std::string one(std::string_view name) const;
};

/// A connection to a server on 127.0.0.1 that sends whatever bytes it is told to. Every wait ends
/// after ten seconds at the latest. One thread.
class http_connection {
 public:
  /// Throws std::system_error when nobody listens.
  explicit http_connection(int port);
  ~http_connection();
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  /// False if the server did not take all of it.
  bool send(std::string_view bytes) const;
  /// Says that nothing more will be sent.
  void finish_sending() const;

  /// Reads one response; with has_body false (after HEAD), only its head.
  enum class expect { body, no_body };
  http_response receive(expect expected = expect::body);

  /// Reads until the server closes the connection; false if it does not.
  bool server_closes();
  /// The same; returns what came until then, byte for byte.
  std::string receive_rest();

  /// Reads whatever comes, until the server closes the connection, or says nothing for this long
  /// after it has said something (and for ten seconds before).
  std::string receive_all(std::chrono::milliseconds silence);
  /// Whether the server has closed the connection, as far as this side has read.
  bool is_closed() const { return closed_; }

  /// Sends a request without a body, with these header lines (each ends in CR LF), and receives
  /// the response.
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

/// One request on a connection of its own.
http_response http_get(int port, std::string_view target, std::string_view header_lines = "");

/// Whether somebody listens on 127.0.0.1:port.
bool is_listening(int port);
/// Waits for it; false after the limit.
bool wait_until_listening(int port, std::chrono::milliseconds limit);
