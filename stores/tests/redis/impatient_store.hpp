#pragma once

#include <chrono>

#include "shared_servers.hpp"

namespace test {

/// The store's time limit in tests of failures.
inline constexpr std::chrono::milliseconds timeout{400};
/// The additional time that a busy machine may take.
inline constexpr std::chrono::milliseconds margin{2000};

inline scs::stores::redis_options options_for(const redis_server& server) {
  return {.servers = {server.address()},
          .timeout = timeout,
          .connect_timeout = timeout,
          .max_reconnect_pause = std::chrono::milliseconds{50}};
}

}  // namespace test
