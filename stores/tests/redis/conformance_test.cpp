#include "conformance/conformance.hpp"

#include "redis_fixture.hpp"

namespace test {

namespace {

INSTANTIATE_TEST_SUITE_P(redis, store_conformance, testing::Values(one_server<redis_fixture>),
                         [](const auto&) { return "redis"; });
INSTANTIATE_TEST_SUITE_P(redis_cluster, store_conformance, testing::Values(cluster<redis_fixture>),
                         [](const auto&) { return "cluster"; });
INSTANTIATE_TEST_SUITE_P(redis_tls, store_conformance,
                         testing::Values(one_server_with_tls<redis_fixture>),
                         [](const auto&) { return "tls"; });
INSTANTIATE_TEST_SUITE_P(redis_sentinel, store_conformance,
                         testing::Values(master_of_sentinels<redis_fixture>),
                         [](const auto&) { return "sentinel"; });

}  // namespace

}  // namespace test
