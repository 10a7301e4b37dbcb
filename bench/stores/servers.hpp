#pragma once

#include <string>

#include "postgres_server.hpp"
#include "redis_server.hpp"

namespace bench::stores {

/// The servers that the stores ask: on this machine, gone with this object.
struct servers {
  test::redis_server redis;
  test::postgres_server postgres;
};

}  // namespace bench::stores
