#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scs::stores::redis_detail {

/// The address at which a server listens.
struct address {
  /// A host name, an IP address without brackets, or, with port 0, the path of a Unix socket.
  std::string host{};
  std::uint16_t port = 0;

  bool is_unix_socket() const noexcept { return port == 0; }
  /// Whether bytes that are sent there stay on this machine. The only host name for which this is
  /// true is `localhost`.
  bool is_on_this_machine() const noexcept;
  /// Returns the address in the form of redis_options::servers. Errors contain it.
  std::string text() const;

  friend bool operator==(const address&, const address&) = default;
};

constexpr std::uint16_t usual_port = 6379;
constexpr std::uint16_t usual_sentinel_port = 26379;

/// Reads `host:port`, `host`, `[IPv6]:port`, `[IPv6]` or `/path`. Throws scs::error
/// (invalid_options).
address parse_address(std::string_view text, std::uint16_t default_port = usual_port);

}  // namespace scs::stores::redis_detail
