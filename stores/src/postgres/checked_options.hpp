#pragma once

#include <chrono>

#include <scs/error.hpp>
#include <scs/stores/postgres.hpp>

namespace scs::stores::postgres_detail {

/// Returns the options. Throws scs::error (invalid_options), whose message names the wrong option.
/// The class `statements` checks the table's name.
inline postgres_options checked(postgres_options options) {
  const auto refuse = [](const char* what) { throw error(errc::invalid_options, what); };
  if (options.max_connections == 0) refuse("max_connections: it must be at least 1");
  if (options.timeout <= std::chrono::milliseconds{0}) refuse("timeout: it must be more than zero");
  if (options.timeout > std::chrono::hours{1}) refuse("timeout: at most an hour");
  if (options.clean_every < std::chrono::milliseconds{0})
    refuse("clean_every: it must not be negative");
  if (options.clean_batch == 0) refuse("clean_batch: it must be at least 1");
  if (options.max_clock_skew && *options.max_clock_skew < std::chrono::milliseconds{0}) {
    refuse("max_clock_skew: it must not be negative");
  }
  return options;
}

}  // namespace scs::stores::postgres_detail
