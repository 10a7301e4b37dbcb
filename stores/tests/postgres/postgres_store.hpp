#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/postgres.hpp>

#include "postgres_server.hpp"
#include "session_clock.hpp"

namespace test {

/// Returns a name that no other test uses.
inline std::string new_table() {
  static std::atomic<int> count = 0;
  return "sessions_" + std::to_string(++count);
}

inline scs::stores::postgres_options options_for(const scs::clock& clock) {
  return {.connection = shared_postgres().conninfo(),
          .table = new_table(),
          .max_connections = 6,
          .timeout = std::chrono::seconds{20},
          .clean_every = std::chrono::milliseconds{0},
          .clock = &clock};
}

inline scs::session_id new_id() {
  return scs::token::generate().id();
}

/// Each test has its own table on the shared server.
class postgres_store : public testing::Test {
 protected:
  postgres_store() { options_.table = new_table(); }

  /// Makes a store with the present options.
  scs::stores::postgres make() const { return scs::stores::postgres{options_}; }

  std::string put(scs::stores::postgres& store, const scs::session_id& id,
                  std::string_view payload = "{}", std::string_view user = "",
                  std::chrono::seconds lifetime = std::chrono::hours{1}) const {
    const auto result = store.commit(id, payload, clock_.now() + lifetime, std::nullopt, user);
    EXPECT_EQ(result.result, scs::commit_result::outcome::committed);
    return result.revision;
  }

  /// Returns the number that a statement returns.
  static int count(const std::string& statement) {
    return std::stoi(shared_postgres().sql(statement));
  }

  session_clock clock_;
  scs::stores::postgres_options options_ = options_for(clock_);
};

}  // namespace test
