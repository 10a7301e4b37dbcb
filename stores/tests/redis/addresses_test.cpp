// Nodes that announce addresses which differ from those at which a web server reaches them.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "free_port.hpp"
#include "impatient_store.hpp"
#include "redis/routing/slots.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_mode;
using scs::stores::redis_options;
using scs::stores::redis_plaintext;
using testing::AllOf;
using testing::HasSubstr;

/// A cluster of one node, whose announced address each test sets. There is no other node that must
/// learn the address, so a change takes effect immediately.
struct redis_addresses : testing::Test {
  redis_addresses()
      : node({"--cluster-enabled", "yes", "--cluster-port", std::to_string(free_port())},
             free_port(),
             std::string(40, 'c') +
                 " 127.0.0.1:0@0 myself,master - 0 0 1 connected 0-16383\n"
                 "vars currentEpoch 1 lastVoteEpoch 0\n") {
    EXPECT_TRUE(eventually([&] {
      return node.command({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
    }));
  }

  void announce(const std::string& setting, const std::string& value) {
    EXPECT_EQ(node.command({"CONFIG", "SET", setting, value}), "OK");
  }

  redis_options options() const {
    return {.servers = {node.address()}, .mode = redis_mode::cluster};
  }

  redis_server node;
};

void expect_to_work(const redis_options& options) {
  redis store{options};
  for (int i = 0; i < 20; ++i) {
    const auto id = new_id();
    store.commit(id, id.text(), in(1h), std::nullopt, "tom");
    EXPECT_EQ(store.find(id)->payload, id.text());
  }
}

TEST_F(redis_addresses, may_be_names) {
  announce("cluster-announce-hostname", "localhost");
  announce("cluster-preferred-endpoint-type", "hostname");
  ASSERT_THAT(node.command({"CLUSTER", "SLOTS"}), HasSubstr("localhost"));
  announce("cluster-announce-ip", "192.0.2.1");  // nobody has it
  expect_to_work(options());
}

TEST_F(redis_addresses, may_be_unknown_to_the_nodes) {
  for (const char* preferred : {"unknown-endpoint", "hostname", "ip"}) {
    for (std::size_t i = 0; i < shared_cluster().size(); ++i) {
      shared_cluster().node(i).command(
          {"CONFIG", "SET", "cluster-preferred-endpoint-type", preferred});
    }
    const std::string seen = shared_cluster().node(0).command({"CLUSTER", "SLOTS"});
    if (preferred == std::string{"hostname"}) {
      EXPECT_THAT(seen, HasSubstr("?"));
    }
    expect_to_work({.servers = {shared_cluster().node(0).address()}, .mode = redis_mode::cluster});
  }
}

// The map of slots may have been read while a slot was moving.
TEST_F(redis_addresses, are_asked_for_again_where_a_slot_has_no_owner) {
  announce("cluster-require-full-coverage", "no");
  redis store{options()};
  const scs::session_id id = new_id();
  const std::string slot =
      std::to_string(scs::stores::redis_detail::slot_of("scs:s:" + std::string{id.text()}));
  node.command({"CLUSTER", "DELSLOTS", slot});
  scs::session_id other = new_id();
  ASSERT_TRUE(eventually([&] {
    try {
      other = new_id();
      return !store.find(other);
    } catch (const scs::error&) {
      return false;
    }
  })) << "the map is known";
  node.command({"CLUSTER", "ADDSLOTS", slot});
  EXPECT_TRUE(eventually([&] {
    return node.command({"CLUSTER", "SLOTS"}).starts_with("0 16383 ");
  }));
  EXPECT_EQ(store.commit(id, "payload", in(1h), std::nullopt, "").result,
            scs::commit_result::outcome::committed);
}

// As in containers, where each node knows only its address in the container's network.
TEST_F(redis_addresses, are_mapped_where_the_announced_ones_are_not_reachable) {
  announce("cluster-announce-ip", "192.0.2.1");
  redis_options mapped = options();
  mapped.address_map = {{"192.0.2.1", "127.0.0.1"}};
  expect_to_work(mapped);
  redis_options exact = options();
  const std::string port = ":" + std::to_string(node.port());
  exact.address_map = {{"192.0.2.1" + port, "localhost" + port}};
  expect_to_work(exact);
  redis_options function = options();
  function.map_address = [](std::string_view announced) {
    return "127.0.0.1" + std::string{announced.substr(announced.rfind(':'))};
  };
  expect_to_work(function);
}

TEST_F(redis_addresses, that_are_not_reachable_are_named_with_what_can_be_done) {
  announce("cluster-announce-ip", "192.0.2.1");
  redis_options unmapped = options();
  EXPECT_THAT(failure_of([&] { redis{unmapped}.find(new_id()); }).text,
              AllOf(HasSubstr("192.0.2.1"), HasSubstr("is not on this machine, and TLS is off")));
  unmapped.plaintext = redis_plaintext::any_network;
  unmapped.timeout = unmapped.connect_timeout = timeout;
  const failure_seen seen = failure_of([&] { redis{unmapped}.find(new_id()); });
  EXPECT_THAT(seen.text,
              AllOf(HasSubstr("192.0.2.1"), HasSubstr("the cluster announces this address"),
                    HasSubstr("address_map")));
  EXPECT_LT(seen.after, timeout + margin);
  announce("cluster-announce-hostname", "no-such-host.invalid");
  announce("cluster-preferred-endpoint-type", "hostname");
  EXPECT_THAT(failure_of([&] { redis{unmapped}.find(new_id()); }).text,
              AllOf(HasSubstr("no-such-host.invalid"), HasSubstr("the host name is not found"),
                    HasSubstr("address_map")));
}

TEST(redis_sentinel, names_a_master_that_is_reached_elsewhere) {
  redis_sentinels& sentinels = shared_sentinels();
  const std::string announced = sentinels.server(sentinels.master()).address();
  redis_options options{.servers = sentinels.addresses(),
                        .mode = redis_mode::sentinel,
                        .sentinel_master = redis_sentinels::name,
                        .address_map = {{announced, "127.0.0.1:1"}},
                        .timeout = timeout};
  EXPECT_THAT(failure_of([&] { redis{options}.find(new_id()); }).text,
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("the sentinels announce this address")));
  options.address_map = {{announced, shared_server().address()}};
  EXPECT_FALSE(redis{options}.find(new_id()));
}

}  // namespace

}  // namespace test
