#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "redis/connection/address.hpp"
#include "redis/connection/deadline.hpp"

namespace scs::stores::redis_detail {

/// A connected stream socket whose every function ends by a deadline. Sends no SIGPIPE. Used by one
/// thread at a time.
class socket {
 public:
  /// Tries each address that the host name has. Throws connection_failure (effect::none).
  /// `usual_wait` is how long receive() will be allowed to take most of the time: such a wait costs
  /// one call of the system, any other two.
  socket(const address& server, std::chrono::milliseconds usual_wait, deadline until);
  ~socket();
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// Throws connection_failure; its effect is none if nothing was accepted.
  void send(std::string_view bytes, deadline until);

  /// At least one byte. May be late by a sixteenth of the usual wait. Throws connection_failure
  /// (effect::unknown), also at the end of the stream.
  std::size_t receive(std::span<char> buffer, deadline until);

  /// Whether nothing has come that nobody asked for: not the stream's end either.
  bool silent() const noexcept;

 private:
  bool wait_in_the_kernel(deadline until) const noexcept {
    return until.remaining() >= usual_wait_ - usual_wait_ / 16;
  }

  int handle_ = -1;
  std::chrono::milliseconds usual_wait_;
  std::string name_;
};

}  // namespace scs::stores::redis_detail
