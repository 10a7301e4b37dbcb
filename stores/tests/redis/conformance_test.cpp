#include "conformance/conformance.hpp"

#include "redis_fixture.hpp"

namespace test {

namespace {

INSTANTIATE_TEST_SUITE_P(redis, store_conformance, testing::Values(one_server<redis_fixture>),
                         [](const auto&) { return "redis"; });
INSTANTIATE_TEST_SUITE_P(redis_cluster, store_conformance, testing::Values(cluster<redis_fixture>),
                         [](const auto&) { return "cluster"; });

}  // namespace

}  // namespace test
