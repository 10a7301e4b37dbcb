#pragma once

#include <memory>
#include <vector>

#include <scs/store/store_reports.hpp>
#include <scs/stores/redis.hpp>

#include "redis/connection/address.hpp"

namespace scs::stores::redis_detail {

/// The options, checked, with the addresses read.
struct settings {
  redis_options options;
  std::vector<address> servers;
  /// Never null; compares clocks and takes warnings.
  std::shared_ptr<server_watch> watch = std::make_shared<server_watch>();
};

/// Whether redis_options::plaintext allows it.
bool may_be_reached(const address& server, const redis_options& options) noexcept;

/// Throws scs::error (invalid_options), naming the option at fault.
settings checked(redis_options options);

}  // namespace scs::stores::redis_detail
