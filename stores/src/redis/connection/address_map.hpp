#pragma once

#include <scs/stores/redis.hpp>

#include "redis/connection/address.hpp"

namespace scs::stores::redis_detail {

/// Where a server is reached that announces this address, by redis_options::address_map and
/// map_address. Throws scs::error (store_failed) if these name no address.
address reachable(const address& announced, const redis_options& options);

}  // namespace scs::stores::redis_detail
