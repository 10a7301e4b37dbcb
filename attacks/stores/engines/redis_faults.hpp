#pragma once

#include <vector>

#include "redis_server.hpp"
#include "stores/engines/engine.hpp"

namespace buntdb::attacks::stores {

/// Returns the faults that a single server and each master of a cluster have in common: its clients
/// are disconnected, its scripts are forgotten, its memory is full, users' index entries disappear.
/// The function returns the servers that accept writes.
std::vector<fault> common_redis_faults(std::function<std::vector<test::redis_server*>()> masters);

/// Undoes what these faults may have left.
void heal_redis(test::redis_server& server);

}  // namespace buntdb::attacks::stores
