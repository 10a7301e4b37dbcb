#pragma once

#include <cstdint>
#include <optional>

#include "live/reply.hpp"
#include "watch/log_follower.hpp"

/// A change that a running server tells of.
struct live_change {
  std::uint64_t revision = 0;  ///< of the commit, since the server opened the database
  change what;
};

/// Empty if it only says that some are missing.
std::optional<live_change> live_change_of(const reply& told);
/// How many are.
std::uint64_t missed_in(const reply& told);
