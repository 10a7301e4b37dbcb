#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace scs::stores::redis_detail {

/// The possible effect of a failed request on the server.
enum class effect {
  none,
  /// It was sent, at least in part, and not answered.
  unknown,
};

/// A server could not be reached or did not answer. what() is a sentence with the server and the
/// cause, and never contains a key.
class connection_failure final : public std::runtime_error {
 public:
  connection_failure(effect done, const std::string& what)
      : std::runtime_error(what), effect_(done) {}

  effect done() const noexcept { return effect_; }

 private:
  effect effect_;
};

/// Returns a server's error text without the command's arguments that it may quote, because an
/// argument may be an id.
std::string without_arguments(std::string_view server_error);

/// Throws scs::error for the error with which `server` answered: store_full if the server is out of
/// memory, otherwise store_failed.
[[noreturn]] void throw_server_error(std::string_view server, std::string_view text);

/// Throws scs::error (store_failed) for an answer that no Redis returns to the request.
[[noreturn]] void throw_unexpected_reply();

}  // namespace scs::stores::redis_detail
