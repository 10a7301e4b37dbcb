#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "redis/connection/address.hpp"

namespace scs::stores::redis_detail {

/// An element of redis_options::servers.
struct named_server {
  address where{};
  /// Empty if it is not a URL. It then does not decide about TLS.
  std::optional<bool> tls{};
  /// Empty if it does not name them.
  std::string user{};
  std::string password{};
  std::optional<int> database{};
};

/// Reads an address, or a URL `redis://` or `rediss://` of one. Throws scs::error
/// (invalid_options), whose text has no password.
named_server parse_server(std::string_view text, std::uint16_t default_port);

}  // namespace scs::stores::redis_detail
