#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <scs/stores/redis.hpp>

#include "fixtures/store_fixture.hpp"
#include "shared_servers.hpp"

namespace test {

/// A store on servers that other tests also use. It empties them. advance() makes all their records
/// older instead of changing a clock.
class redis_fixture : public store_fixture {
 public:
  redis_fixture(std::vector<redis_server*> servers, scs::stores::redis_mode mode)
      : redis_fixture(servers, {.servers = {servers.front()->address()}, .mode = mode}) {}
  redis_fixture(std::vector<redis_server*> servers, scs::stores::redis_options options)
      : servers_(std::move(servers)), store_{std::move(options)} {
    for (redis_server* const server : servers_)
      server->command({"FLUSHALL"});
  }

  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return scs::clock::system(); }
  bool advance(std::chrono::nanoseconds duration) override {
    for (redis_server* const server : servers_)
      let_pass(*server, std::chrono::duration_cast<std::chrono::milliseconds>(duration));
    return true;
  }

 private:
  std::vector<redis_server*> servers_;
  scs::stores::redis store_;
};

template <class Fixture>
std::unique_ptr<store_fixture> one_server() {
  return std::make_unique<Fixture>(std::vector{&shared_server()}, scs::stores::redis_mode::single);
}

template <class Fixture>
std::unique_ptr<store_fixture> cluster() {
  std::vector<redis_server*> masters;
  for (std::size_t i = 0; i < redis_cluster::masters; ++i)
    masters.push_back(&shared_cluster().node(i));
  return std::make_unique<Fixture>(std::move(masters), scs::stores::redis_mode::cluster);
}

template <class Fixture>
std::unique_ptr<store_fixture> one_server_with_tls() {
  return std::make_unique<Fixture>(std::vector{&shared_tls_server()}, shared_tls_options());
}

template <class Fixture>
std::unique_ptr<store_fixture> master_of_sentinels() {
  return std::make_unique<Fixture>(
      std::vector{&shared_sentinels().server(shared_sentinels().master())},
      scs::stores::redis_options{.servers = shared_sentinels().addresses(),
                                 .mode = scs::stores::redis_mode::sentinel,
                                 .sentinel_master = redis_sentinels::name});
}

}  // namespace test
