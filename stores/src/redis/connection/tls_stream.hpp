#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "redis/connection/address.hpp"
#include "redis/connection/deadline.hpp"
#include "redis/connection/socket.hpp"
#include "redis/connection/stream.hpp"
#include "redis/connection/tls_context.hpp"

namespace scs::stores::redis_detail {

/// TLS over a socket. OpenSSL reads and writes through the socket's functions, which wait until the
/// deadline of the call. So OpenSSL never asks for another call, and causes no SIGPIPE.
///
/// The end of the connection is not announced (close_notify). Redis' protocol shows where a reply
/// ends, and a child process that closes its copy must not write into its parent's connection.
class tls_stream final : public stream {
 public:
  /// Connects, and verifies the server's certificate. Throws connection_failure (effect::none).
  /// The context must outlive it.
  tls_stream(const address& server, const tls_context& context,
             std::chrono::milliseconds usual_wait, deadline until);

  void send(std::string_view bytes, deadline until) override;
  std::size_t receive(std::span<char> buffer, deadline until) override;
  bool silent() const noexcept override;

 private:
  struct free_session {
    void operator()(SSL* session) const noexcept { SSL_free(session); }
  };
  struct callbacks;

  void expect(const std::string& name);
  void shake_hands();
  [[noreturn]] void fail_handshake(int result);
  std::string describe_certificate_failure(long verdict) const;
  std::string text_of_failure() const;
  /// Returns a possible cause of a failure before the first reply.
  std::string advice() const;

  socket below_;
  const tls_context& context_;
  const std::string name_;
  std::string expected_name_;
  deadline until_;                // of the call that runs
  std::exception_ptr failure_{};  // of the socket, during the call that runs
  bool accepted_ = false;         // the socket took bytes during the call that runs
  bool wants_certificate_ = false;
  bool heard_ = false;     // the server has sent something
  bool received_ = false;  // a reply, or part of one
  std::unique_ptr<SSL, free_session> session_;
};

}  // namespace scs::stores::redis_detail
