#pragma once

#include <cstdint>
#include <optional>

#include "live/reply.hpp"
#include "watch/log_follower.hpp"

/// A change that a running server reports.
struct live_change {
  std::uint64_t revision = 0;  ///< of the commit, since the server opened the database
  change what;
};

/// Returns an empty optional if the message only says that changes are missing.
std::optional<live_change> live_change_of(const reply& told);
/// Returns how many are missing.
std::uint64_t missed_in(const reply& told);
