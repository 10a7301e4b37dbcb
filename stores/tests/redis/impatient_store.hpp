#pragma once

#include <chrono>

#include "shared_servers.hpp"

namespace test {

/// The store's limits in tests of what goes wrong.
inline constexpr std::chrono::milliseconds timeout{400};
/// For a busy machine.
inline constexpr std::chrono::milliseconds margin{2000};

inline scs::stores::redis_options options_for(const redis_server& server) {
  return {.servers = {server.address()},
          .timeout = timeout,
          .connect_timeout = timeout,
          .max_reconnect_pause = std::chrono::milliseconds{50}};
}

}  // namespace test
