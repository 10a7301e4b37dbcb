#pragma once

#include <string>

#include "postgres_server.hpp"
#include "redis_server.hpp"

namespace bench::stores {

/// The servers that the stores use. They run on this machine and end with this object.
struct servers {
  test::redis_server redis;
  test::postgres_server postgres;
};

}  // namespace bench::stores
