#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "redis/connection/address.hpp"
#include "redis/connection/deadline.hpp"
#include "redis/connection/stream.hpp"

namespace scs::stores::redis_detail {

/// A connected stream socket, without TLS. Sends no SIGPIPE.
class socket final : public stream {
 public:
  /// Tries each address that the host name has. Throws connection_failure (effect::none).
  /// `usual_wait` is how long most calls of receive() may take: such a wait costs one system call,
  /// any other two.
  socket(const address& server, std::chrono::milliseconds usual_wait, deadline until);
  ~socket() override;

  void send(std::string_view bytes, deadline until) override;
  std::size_t receive(std::span<char> buffer, deadline until) override;
  bool silent() const noexcept override;

 private:
  bool wait_in_the_kernel(deadline until) const noexcept {
    return until.remaining() >= usual_wait_ - usual_wait_ / 16;
  }

  int handle_ = -1;
  std::chrono::milliseconds usual_wait_;
  std::string name_;
};

}  // namespace scs::stores::redis_detail
