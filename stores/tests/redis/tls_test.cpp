// TLS between a store and its servers: which certificates the store accepts.

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impatient_store.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_mode;
using scs::stores::redis_options;
using scs::stores::redis_tls;
using scs::stores::redis_verification;
using testing::AllOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

constexpr const char* here = "DNS:localhost,IP:127.0.0.1";

redis_options tls_options_for(const redis_server& server) {
  redis_options options = options_for(server);
  options.timeout = options.connect_timeout = 5s;
  options.tls = redis_tls::required;
  options.tls_ca_file = shared_authority().file();
  return options;
}

void expect_to_work(const redis_options& options) {
  redis store{options};
  store.check();
  const auto id = new_id();
  EXPECT_EQ(store.commit(id, "payload", in(1h), std::nullopt, "tom").result, outcome::committed);
  EXPECT_EQ(store.find(id)->payload, "payload");
}

std::string refusal(const redis_options& options) {
  redis store{options};
  return failure_of([&] { store.find(new_id()); }).text;
}

TEST(redis_tls, is_spoken_with_a_server_that_is_believed) {
  expect_to_work(tls_options_for(shared_tls_server()));
  redis_options by_name = tls_options_for(shared_tls_server());
  by_name.servers = {"rediss://localhost:" + std::to_string(shared_tls_server().port())};
  by_name.tls = redis_tls::off;  // the URL says it
  expect_to_work(by_name);
}

TEST(redis_tls, carries_payloads_that_need_many_records) {
  redis store{tls_options_for(shared_tls_server())};
  std::string payload(3'000'000, 'x');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 31 % 251);
  const auto id = new_id();
  store.commit(id, payload, in(1h), std::nullopt, "");
  EXPECT_EQ(store.find(id)->payload, payload);
}

TEST(redis_tls, is_never_older_than_1_2) {
  redis_server old{{"--tls-protocols", "TLSv1.1", "--tls-ciphers", "DEFAULT:@SECLEVEL=0"},
                   shared_authority().issue(here)};
  EXPECT_THAT(refusal(tls_options_for(old)), HasSubstr("protocol version"));
  for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
    redis_server current{{"--tls-protocols", version}, shared_authority().issue(here)};
    expect_to_work(tls_options_for(current));
  }
}

TEST(redis_tls, refuses_a_certificate_for_another_name) {
  redis_server server{{}, shared_authority().issue("DNS:redis.example,IP:127.0.0.2")};
  redis_options options = tls_options_for(server);
  EXPECT_THAT(refusal(options),
              AllOf(HasSubstr("IP address mismatch"), HasSubstr("it is not for 127.0.0.1"),
                    HasSubstr("tls_server_name")));
  options.servers = {"localhost:" + std::to_string(server.port())};
  EXPECT_THAT(refusal(options), HasSubstr("it is not for localhost"));
  options.tls_server_name = "other.example";
  EXPECT_THAT(refusal(options), HasSubstr("it is not for other.example"));
  for (const char* right : {"redis.example", "127.0.0.2"}) {
    options.tls_server_name = right;
    expect_to_work(options);
  }
}

TEST(redis_tls, refuses_a_certificate_outside_its_time) {
  redis_server expired{{}, shared_authority().issue(here, {.from = -48h, .until = -1h})};
  EXPECT_THAT(refusal(tls_options_for(expired)), HasSubstr("certificate has expired; renew it"));
  redis_server early{{}, shared_authority().issue(here, {.from = 1h, .until = 48h})};
  EXPECT_THAT(refusal(tls_options_for(early)), HasSubstr("not yet valid"));
}

TEST(redis_tls, refuses_a_certificate_of_another_authority) {
  certificate_authority other{"another authority"};
  redis_server server{{}, other.issue(here)};
  redis_options options = tls_options_for(server);
  EXPECT_THAT(refusal(options), HasSubstr("name the file with its authority in tls_ca_file"));
  options.tls_ca_file = other.file();
  expect_to_work(options);
  options.tls_ca_file = "";
  EXPECT_THAT(refusal(options), HasSubstr("its certificate is not accepted")) << "the system's";
  options.tls_verification = redis_verification::none;
  expect_to_work(options);
}

TEST(redis_tls, trusts_the_systems_authorities_by_default) {
  redis_options options = tls_options_for(shared_tls_server());
  options.tls_ca_file = "";
  ::setenv("SSL_CERT_FILE", shared_authority().file().c_str(), 1);  // OpenSSL reads this variable
  expect_to_work(options);
  ::unsetenv("SSL_CERT_FILE");
}

TEST(redis_tls, shows_a_certificate_to_a_server_that_wants_one) {
  for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
    redis_server strict{{"--tls-protocols", version}, shared_authority().issue(here)};
    strict.command({"CONFIG", "SET", "tls-auth-clients", "yes"});
    redis_options options = tls_options_for(strict);
    EXPECT_THAT(refusal(options), HasSubstr("it asks for a client's certificate")) << version;
    certificate_authority other{"another authority"};
    const tls_files wrong = other.issue("DNS:client.example");
    options.tls_certificate_file = wrong.certificate;
    options.tls_key_file = wrong.key;
    EXPECT_THAT(refusal(options), HasSubstr(strict.address())) << version;
    const tls_files right = shared_authority().issue("DNS:client.example");
    options.tls_certificate_file = right.certificate;
    options.tls_key_file = right.key;
    expect_to_work(options);
    options.tls_key_file = wrong.key;
    EXPECT_THAT(failure_of([&] { redis store{options}; }, scs::errc::invalid_options).text,
                HasSubstr("tls_key_file"));
  }
}

TEST(redis_tls, is_spoken_with_every_node_of_a_cluster) {
  redis_cluster cluster{15s, shared_authority().issue(here)};
  redis_options options = tls_options_for(cluster.node(0));
  options.mode = redis_mode::cluster;
  redis store{options};
  store.check();
  for (int i = 0; i < 30; ++i) {
    const auto id = new_id();
    store.commit(id, id.text(), in(1h), std::nullopt, "tom");
    EXPECT_EQ(store.find(id)->payload, id.text());
  }
  for (std::size_t i = 0; i < redis_cluster::masters; ++i)
    EXPECT_GT(std::stoi(cluster.node(i).command({"DBSIZE"})), 0) << "node " << i;

  certificate_authority other{"another authority"};
  options.tls_ca_file = other.file();
  options.timeout = options.connect_timeout = timeout;
  redis disbelieving{options};
  const failure_seen seen = failure_of([&] { disbelieving.find(new_id()); });
  EXPECT_THAT(seen.text, HasSubstr("its certificate is not accepted"));
  EXPECT_LT(seen.after, timeout + margin);
}

TEST(redis_tls, is_spoken_with_sentinels_and_their_master) {
  redis_sentinels sentinels{15s, shared_authority().issue(here)};
  redis_options options = tls_options_for(sentinels.server(0));
  options.servers = sentinels.addresses();
  options.mode = redis_mode::sentinel;
  options.sentinel_master = redis_sentinels::name;
  expect_to_work(options);
}

TEST(redis_tls, survives_a_connection_that_the_server_closes) {
  redis store{tls_options_for(shared_tls_server())};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  shared_tls_server().command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_TRUE(store.find(id)) << "over a new connection";
}

}  // namespace

}  // namespace test
