#pragma once

#include <chrono>

#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/stores/redis.hpp>
#include <scs/token.hpp>

#include "certificates.hpp"
#include "redis_sentinels.hpp"
#include "redis_server.hpp"

namespace test {

/// Returns a server for all tests that do not damage it. The first call starts it.
inline redis_server& shared_server() {
  static redis_server server;
  return server;
}

/// Returns a cluster for all tests that do not damage it. Its node timeout is long, so that a busy
/// machine causes no failover.
inline redis_cluster& shared_cluster() {
  static redis_cluster cluster{std::chrono::seconds{15}};
  return cluster;
}

/// Returns an authority for all tests.
inline certificate_authority& shared_authority() {
  static certificate_authority authority;
  return authority;
}

/// Returns a server with TLS for all tests. Its certificate is for localhost and 127.0.0.1.
inline redis_server& shared_tls_server() {
  static redis_server server{{}, shared_authority().issue("DNS:localhost,IP:127.0.0.1")};
  return server;
}

inline scs::stores::redis_options shared_tls_options() {
  return {.servers = {"rediss://" + shared_tls_server().address()},
          .tls_ca_file = shared_authority().file()};
}

/// Returns sentinels for all tests that do not damage them. Their time limit is long, so that a
/// busy machine causes no failover.
inline redis_sentinels& shared_sentinels() {
  static redis_sentinels sentinels{std::chrono::seconds{30}};
  return sentinels;
}

inline scs::session_id new_id() {
  return scs::token::generate().id();
}

inline scs::time_point in(std::chrono::nanoseconds duration) {
  return scs::clock::system().now() + duration;
}

struct failure_seen {
  std::string text;
  std::chrono::milliseconds after{};
};

/// Returns the error of this code that the action throws, and how long the action took.
template <class Action>
failure_seen failure_of(Action action, scs::errc code = scs::errc::store_failed) {
  const auto begun = std::chrono::steady_clock::now();
  failure_seen seen;
  try {
    action();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), code) << failure.what();
    seen.text = failure.what();
  }
  seen.after = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  return seen;
}

}  // namespace test
