// TLS is libpq's. With `sslmode=verify-full`, which servers are believed?

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/stores/postgres.hpp>

#include "certificates.hpp"
#include "postgres_store.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::postgres;
using scs::stores::postgres_options;
using testing::HasSubstr;

struct postgres_tls : testing::Test {
  postgres_options options(const std::string& host, const std::string& authority_file) {
    postgres_options result = options_for(clock);
    // The host's address is given, for its name is only what the certificate is compared with.
    result.connection =
        "host=" + host + " hostaddr=127.0.0.1 port=" + std::to_string(server.port()) +
        " dbname=postgres user=app sslmode=verify-full sslrootcert=" + authority_file;
    result.timeout = 10s;
    return result;
  }

  std::string refusal(const std::string& host, const std::string& authority_file) {
    try {
      postgres{options(host, authority_file)}.find(new_id());
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::store_failed);
      return failure.what();
    }
    ADD_FAILURE() << "the server was believed";
    return {};
  }

  void expect_to_work(const std::string& host) {
    postgres store{options(host, authority.file())};
    const scs::session_id id = new_id();
    store.commit(id, "{}", clock.now() + 1h, std::nullopt, "tom");
    EXPECT_TRUE(store.find(id));
    EXPECT_EQ(server.sql("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                         "WHERE datname = 'postgres' AND pid <> pg_backend_pid() "
                         "AND backend_type = 'client backend'"),
              "t");
  }

  session_clock clock{scs::clock::system().now()};
  postgres_server server;
  certificate_authority authority;
};

TEST_F(postgres_tls, is_spoken_with_a_server_that_is_believed) {
  server.speak_tls(authority.issue("DNS:db.example"));
  expect_to_work("db.example");
}

TEST_F(postgres_tls, refuses_another_name_another_authority_and_another_time) {
  EXPECT_THAT(refusal("db.example", authority.file()), HasSubstr("does not support SSL"));
  server.speak_tls(authority.issue("DNS:db.example"));
  EXPECT_THAT(refusal("other.example", authority.file()), HasSubstr("does not match host name"));
  const certificate_authority other{"another authority"};
  EXPECT_THAT(refusal("db.example", other.file()), HasSubstr("certificate verify failed"));
  EXPECT_THAT(refusal("db.example", "/no/such/file"), HasSubstr("/no/such/file"));
  server.speak_tls(authority.issue("DNS:db.example", {.from = -48h, .until = -1h}));
  EXPECT_THAT(refusal("db.example", authority.file()), HasSubstr("certificate verify failed"));
  server.speak_tls(authority.issue("DNS:db.example"));
  expect_to_work("db.example");
}

}  // namespace

}  // namespace test
