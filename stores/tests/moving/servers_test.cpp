// Moves between the servers that sites use, Redis and PostgreSQL, which this program starts.

#include <memory>
#include <string>

#include "conformance/conformance.hpp"
#include "moving/postgres_fixture.hpp"
#include "moving/two_stores.hpp"
#include "redis_fixture.hpp"

namespace test {

namespace {

std::unique_ptr<store_fixture> redis() {
  return one_server<redis_fixture>();
}

std::unique_ptr<store_fixture> postgres() {
  return std::make_unique<postgres_fixture>();
}

INSTANTIATE_TEST_SUITE_P(moving_servers, store_conformance,
                         testing::Values(moving_between(redis, postgres),
                                         moving_between(postgres, redis)),
                         [](const auto& which) {
                           return std::string{which.index == 0 ? "redis_to_postgres"
                                                               : "postgres_to_redis"};
                         });

}  // namespace

}  // namespace test
