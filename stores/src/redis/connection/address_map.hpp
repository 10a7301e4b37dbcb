#pragma once

#include <scs/stores/redis.hpp>

#include "redis/connection/address.hpp"

namespace scs::stores::redis_detail {

/// Returns the address at which the store reaches a server that announces this address, according
/// to redis_options::address_map and map_address. Throws scs::error (store_failed) if their result
/// is not an address.
address reachable(const address& announced, const redis_options& options);

}  // namespace scs::stores::redis_detail
