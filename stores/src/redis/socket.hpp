#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "address.hpp"
#include "deadline.hpp"

namespace scs::stores::redis_detail {

/// A connected stream socket whose every function ends by a deadline. Sends no SIGPIPE. Used by one
/// thread at a time.
class socket {
 public:
  /// Tries each address that the host name has. Throws connection_failure (effect::none).
  socket(const address& server, deadline until);
  ~socket();
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// Throws connection_failure; its effect is none if nothing was accepted.
  void send(std::string_view bytes, deadline until);

  /// At least one byte. Throws connection_failure (effect::unknown), also at the end of the stream.
  std::size_t receive(std::span<char> buffer, deadline until);

  /// Whether nothing has come that nobody asked for: not the stream's end either.
  bool silent() const noexcept;

 private:
  int handle_ = -1;
  std::string name_;
};

}  // namespace scs::stores::redis_detail
