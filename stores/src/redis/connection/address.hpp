#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scs::stores::redis_detail {

/// Where a server listens.
struct address {
  /// A name, an IP address without brackets, or, with port 0, the path of a Unix socket.
  std::string host{};
  std::uint16_t port = 0;

  bool is_unix_socket() const noexcept { return port == 0; }
  /// Whether nothing that is sent there leaves this machine. Of names only `localhost` is known to.
  bool is_on_this_machine() const noexcept;
  /// As users write it; names the server in errors.
  std::string text() const;

  friend bool operator==(const address&, const address&) = default;
};

/// Reads `host:port`, `host` (port 6379), `[IPv6]:port` or `/path`. Throws scs::error
/// (invalid_options).
address parse_address(std::string_view text);

}  // namespace scs::stores::redis_detail
