#pragma once

#include <string_view>

#include "http/load/response_reader.hpp"

namespace bench::http {

/// A connection to a server on 127.0.0.1 that never waits: epoll reports when to call advance().
/// Used by one thread.
class connection {
 public:
  enum class event {
    none,       ///< nothing to report yet
    connected,  ///< send() may be called
    answered,   ///< answer() is available
    closed,  ///< Closed by the server, not in the middle of an answer unless has_part_of_answer().
    failed,  ///< could not be connected, or the answer was not understood
  };

  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { close(); }

  /// Begins to connect; epoll then returns `data` for it. Returns false if that failed immediately.
  /// Throws std::system_error if no socket can be made.
  bool open(int epoll, int port, void* data);
  void close() noexcept;

  /// Call it when epoll has returned this connection's data.
  event advance();

  /// Sends a whole request. Returns false if the server has closed the connection.
  bool send(std::string_view request) const;

  /// Valid until the next call of advance().
  const response& answer() const noexcept { return answer_; }
  bool has_part_of_answer() const noexcept { return reader_.has_begun(); }

 private:
  event finish_connecting();

  int socket_ = -1;
  int epoll_ = -1;
  void* data_ = nullptr;
  bool connecting_ = false;
  response_reader reader_;
  response answer_;
};

}  // namespace bench::http
