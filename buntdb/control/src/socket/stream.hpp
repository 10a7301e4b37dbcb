#pragma once

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "socket/address.hpp"

namespace buntdb::control {

/// The client has disconnected, or has received nothing for too long.
class client_lost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A connected, nonblocking socket with time limits, and a small buffer for output. Used by one
/// thread, except end(), which any thread may call.
class stream {
 public:
  using clock = std::chrono::steady_clock;

  stream(descriptor socket, std::chrono::milliseconds send_timeout);

  /// Returns some bytes; none at the end of the client's data, or when the deadline has passed.
  /// Valid until the next call.
  std::string_view read(clock::time_point deadline);

  /// Buffers the bytes, and sends the buffer when it exceeds 64 KiB. Throws client_lost.
  void write(std::string_view bytes);
  void flush();
  /// Returns whether there is output that was not sent.
  bool has_unsent() const noexcept { return !unsent_.empty(); }
  void forget_unsent() noexcept { unsent_.clear(); }
  /// Returns how many bytes were ever written, which shows whether a command has begun its answer.
  std::size_t written() const noexcept { return written_; }

  /// Returns whether the client has sent something that was not read, or has disconnected.
  bool has_input() const noexcept;

  /// Ends reading and writing, for both sides.
  void end() const noexcept;

 private:
  void send(std::string_view bytes);

  descriptor socket_;
  std::chrono::milliseconds send_timeout_;
  std::string received_;
  std::string unsent_;
  std::size_t written_ = 0;
};

}  // namespace buntdb::control
