// Which options a redis store accepts, and its errors for the others.

#include <functional>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/stores/redis.hpp>

#include "redis/connection/address_map.hpp"
#include "redis/connection/server_url.hpp"
#include "redis/connection/settings.hpp"
#include "redis/routing/topology.hpp"

namespace scs::stores::redis_detail {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

std::string refusal_of(const std::function<void()>& action, errc code = errc::invalid_options) {
  try {
    action();
  } catch (const error& failure) {
    EXPECT_EQ(failure.code(), code);
    return failure.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

TEST(redis_options, are_checked_by_the_constructor) {
  struct wrong {
    redis_options options;
    const char* name;
  };
  for (const wrong& each : std::initializer_list<wrong>{
           {{.servers = {}}, "servers"},
           {{.servers = {"a:1", "b:2"}}, "servers"},
           {{.servers = {"/socket"}, .mode = redis_mode::cluster}, "servers"},
           {{.user = "tom"}, "user"},
           {{.servers = {"/socket"}, .tls = redis_tls::required}, "tls"},
           {{.tls_ca_file = "x"}, "tls_ca_file and the like need TLS"},
           {{.tls = redis_tls::required, .tls_ca_file = "/none"}, "tls_ca_file: /none"},
           {{.tls = redis_tls::required, .tls_certificate_file = "/none"},
            "tls_key_file: tls_certificate_file needs it"},
           {{.tls = redis_tls::required, .tls_key_file = "/none"},
            "tls_certificate_file: tls_key_file needs it"},
           {{.tls = redis_tls::required, .tls_certificate_file = "/none", .tls_key_file = "/none"},
            "tls_certificate_file: /none"},
           {{.mode = redis_mode::sentinel}, "sentinel_master"},
           {{.sentinel_master = "shop"}, "sentinel_master"},
           {{.servers = {"/s"}, .mode = redis_mode::sentinel, .sentinel_master = "shop"},
            "servers"},
           {{.mode = redis_mode::sentinel, .sentinel_master = "shop", .sentinel_user = "tom"},
            "sentinel_user"},
           {{.servers = {"10.0.0.1:6379"}}, "plaintext: 10.0.0.1:6379 is not on this machine"},
           {{.servers = {"redis.example"}}, "plaintext"},
           {{.servers = {"127.0.0.1.example"}}, "plaintext"},
           {{.servers = {"[2001:db8::1]:6379"}}, "plaintext"},
           {{.servers = {"127.0.0.1", "10.0.0.1"}, .mode = redis_mode::cluster}, "plaintext"},
           {{.database = -1}, "database"},
           {{.mode = redis_mode::cluster, .database = 1}, "database"},
           {{.key_prefix = std::string(65, 'p')}, "key_prefix"},
           {{.timeout = 0ms}, "timeout"},
           {{.timeout = std::chrono::hours{25}}, "timeout"},
           {{.connect_timeout = 0ms}, "connect_timeout"},
           {{.max_connections = 0}, "max_connections"},
           {{.reconnect_pause_min = 0ms}, "reconnect_pause_min"},
           {{.max_reconnect_pause = 1ms}, "max_reconnect_pause"},
           {{.wait_replicas = -1}, "wait_replicas"},
           {{.wait_replicas = 1, .wait_timeout = 2000ms}, "wait_timeout"},
           {{.max_clock_skew = -1ms}, "max_clock_skew"}}) {
    const std::string text = refusal_of([&] { redis store{each.options}; });
    EXPECT_THAT(text, HasSubstr(std::string{"redis: "} + each.name));
  }
  EXPECT_NO_THROW(redis{});
  EXPECT_NO_THROW(redis(redis_options{.servers = {"10.0.0.1"}, .tls = redis_tls::required}));
}

TEST(redis_options, let_plain_text_leave_this_machine_only_if_that_is_asked_for) {
  for (const char* local : {"127.0.0.1", "127.1.2.3:1", "localhost:7", "[::1]:7", "/run/redis"})
    EXPECT_NO_THROW(redis{redis_options{.servers = {local}}}) << local;
  const redis_options elsewhere{.servers = {"10.0.0.1"}, .plaintext = redis_plaintext::any_network};
  EXPECT_NO_THROW(redis{elsewhere});
  const settings local = checked({.servers = {"127.0.0.1"}, .mode = redis_mode::cluster});
  topology nodes{local};
  EXPECT_NO_THROW(nodes.pool_of(address{"127.0.0.2", 1}));
  refusal_of([&] { nodes.pool_of(address{"10.0.0.1", 6379}); }, errc::store_failed);
}

TEST(redis_url, says_how_a_server_is_reached) {
  const named_server named = parse_server("rediss://tom:a%40b%2F%25@redis.example:6380/3", 6379);
  EXPECT_EQ(named.where, (address{"redis.example", 6380}));
  EXPECT_EQ(named.tls, true);
  EXPECT_EQ(named.user, "tom");
  EXPECT_EQ(named.password, "a@b/%");
  EXPECT_EQ(named.database, 3);
  const named_server bare = parse_server("redis://[::1]/", 6379);
  EXPECT_EQ(bare.where, (address{"::1", 6379}));
  EXPECT_EQ(bare.tls, false);
  EXPECT_FALSE(bare.database);
  const named_server password_only = parse_server("rediss://:secret@h", 6379);
  EXPECT_EQ(password_only.user, "");
  EXPECT_EQ(password_only.password, "secret");
  EXPECT_FALSE(parse_server("h:1", 6379).tls);
  EXPECT_EQ(parse_server("h", 26379).where.port, 26379);
}

TEST(redis_url, that_is_wrong_is_refused_without_its_password) {
  for (const char* url :
       {"rediss://tom:secret@", "rediss://tom:secret@h:x", "rediss://tom:secret@h/x",
        "rediss://tom:secret@h/1/2", "rediss://tom:secret@h/1?x=y", "rediss://tom:secret%4@h",
        "rediss://tom:secret%zz@h", "rediss://tom@h", "rediss://", "redis:///0"}) {
    const std::string text = refusal_of([&] { redis{redis_options{.servers = {url}}}; });
    EXPECT_THAT(text, HasSubstr("servers")) << url;
    EXPECT_THAT(text, Not(HasSubstr("secret"))) << url;
  }
}

TEST(redis_url, sets_the_options_that_it_has) {
  const settings read = checked({.servers = {"rediss://tom:secret@redis.example/3"}});
  EXPECT_EQ(read.options.tls, redis_tls::required);
  EXPECT_TRUE(read.tls);
  EXPECT_EQ(read.options.user, "tom");
  EXPECT_EQ(read.options.password, "secret");
  EXPECT_EQ(read.options.database, 3);
  EXPECT_FALSE(checked({.servers = {"redis://127.0.0.1"}}).tls);
}

TEST(redis_url, that_contradicts_another_option_is_refused) {
  for (const redis_options& options : std::initializer_list<redis_options>{
           {.servers = {"redis://127.0.0.1"}, .tls = redis_tls::required},
           {.servers = {"redis://127.0.0.1", "rediss://127.0.0.1"}, .mode = redis_mode::cluster},
           {.servers = {"rediss://tom:a@h"}, .user = "ann", .password = "a"},
           {.servers = {"rediss://tom:a@h"}, .user = "tom", .password = "b"},
           {.servers = {"rediss://h/1"}, .database = 2},
           {.servers = {"rediss://h/1"}, .mode = redis_mode::cluster},
           {.servers = {"rediss://:a@h"},
           .mode = redis_mode::sentinel,
           .sentinel_master = "shop"}}) {
    refusal_of([&] { redis store{options}; });
  }
}

TEST(redis_address_map, leads_from_what_is_announced_to_what_is_reachable) {
  const redis_options options{
      .address_map = {{"10.0.0.1:6379", "127.0.0.1:7001"}, {"10.0.0.2", "redis.example"}},
      .map_address = [](std::string_view announced) -> std::string {
        if (announced == "10.0.0.3:6379") return "[::1]:7003";
        if (announced == "[fd00::1]:6379") return "v6.example";
        return {};
      }};
  EXPECT_EQ(reachable({"10.0.0.1", 6379}, options), (address{"127.0.0.1", 7001}));
  EXPECT_EQ(reachable({"10.0.0.1", 6380}, options), (address{"10.0.0.1", 6380}));
  EXPECT_EQ(reachable({"10.0.0.2", 6380}, options), (address{"redis.example", 6380}));
  EXPECT_EQ(reachable({"10.0.0.3", 6379}, options), (address{"::1", 7003}));
  EXPECT_EQ(reachable({"fd00::1", 6379}, options), (address{"v6.example", 6379}));
  EXPECT_EQ(reachable({"10.0.0.4", 6379}, options), (address{"10.0.0.4", 6379}));
}

TEST(redis_address_map, says_what_is_wrong_with_it) {
  redis_options options{.address_map = {{"h:1", "not an address:x"}}};
  EXPECT_THAT(refusal_of(
                  [&] {
                    reachable({"h", 1}, options);
                  },
                  errc::store_failed),
              HasSubstr("leads from h:1 to \"not an address:x\""));
  options.map_address = [](std::string_view) -> std::string { throw std::runtime_error("broken"); };
  EXPECT_THAT(refusal_of(
                  [&] {
                    reachable({"h", 2}, options);
                  },
                  errc::store_failed),
              HasSubstr("map_address has thrown for h:2: broken"));
}

TEST(redis_address_map, applies_to_redirections_too) {
  const settings with = checked({.servers = {"127.0.0.1"},
                                 .mode = redis_mode::cluster,
                                 .address_map = {{"10.0.0.1", "127.0.0.2"}}});
  const topology nodes{with};
  const address asked{"127.0.0.9", 6379};
  EXPECT_EQ(nodes.target_of({.slot = 1, .to = {"10.0.0.1", 7001}}, asked),
            (address{"127.0.0.2", 7001}));
  EXPECT_EQ(nodes.target_of({.slot = 1, .to = {"", 7001}}, asked), (address{"127.0.0.9", 7001}))
      << "an unknown host";
}

}  // namespace

}  // namespace scs::stores::redis_detail
