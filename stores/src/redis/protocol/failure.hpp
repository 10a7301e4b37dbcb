#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace scs::stores::redis_detail {

/// What a request that failed may have done at the server.
enum class effect {
  none,
  /// It was sent, at least in part, and not answered.
  unknown,
};

/// A server could not be reached or did not answer. what() is a sentence with the server and the
/// cause, and never has a key.
class connection_failure final : public std::runtime_error {
 public:
  connection_failure(effect done, const std::string& what)
      : std::runtime_error(what), effect_(done) {}

  effect done() const noexcept { return effect_; }

 private:
  effect effect_;
};

/// A server's error text without the arguments of our command that it may quote: one may be an id.
std::string without_arguments(std::string_view server_error);

/// Throws scs::error (store_failed; store_full if the server is out of memory) for an error that
/// `server` answered with.
[[noreturn]] void throw_server_error(std::string_view server, std::string_view text);

/// Throws scs::error (store_failed) for an answer that no Redis returns to the request.
[[noreturn]] void throw_unexpected_reply();

}  // namespace scs::stores::redis_detail
