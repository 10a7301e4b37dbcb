#include "conformance.hpp"

#include "shared_servers.hpp"

namespace test {

namespace {

class single_fixture final : public store_fixture {
 public:
  single_fixture() { shared_server().command({"FLUSHALL"}); }

  scs::store& store() override { return store_; }
  scs::time_point now() override { return scs::clock::system().now(); }
  void advance(seconds duration) override { let_pass(shared_server(), duration); }

 private:
  scs::stores::redis store_{{.servers = {shared_server().address()}}};
};

INSTANTIATE_TEST_SUITE_P(redis, store_conformance,
                         testing::Values([] { return std::make_unique<single_fixture>(); }),
                         [](const auto&) { return "redis"; });

class cluster_fixture final : public store_fixture {
 public:
  cluster_fixture() {
    for (std::size_t i = 0; i < redis_cluster::masters; ++i)
      shared_cluster().node(i).command({"FLUSHALL"});
  }

  scs::store& store() override { return store_; }
  scs::time_point now() override { return scs::clock::system().now(); }
  void advance(seconds duration) override {
    for (std::size_t i = 0; i < redis_cluster::masters; ++i)
      let_pass(shared_cluster().node(i), duration);
  }

 private:
  scs::stores::redis store_{
      {.servers = {shared_cluster().node(0).address()}, .mode = scs::stores::redis_mode::cluster}};
};

INSTANTIATE_TEST_SUITE_P(redis_cluster, store_conformance,
                         testing::Values([] { return std::make_unique<cluster_fixture>(); }),
                         [](const auto&) { return "cluster"; });

}  // namespace

}  // namespace test
