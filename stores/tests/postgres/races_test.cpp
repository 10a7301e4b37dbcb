// Requests that race on one visitor's sessions, with a store in a real PostgreSQL.

#include "races.hpp"

#include <cstdint>

#include <gtest/gtest.h>

#include <scs/stores/postgres.hpp>

#include "fixtures/store_fixture.hpp"
#include "postgres_server.hpp"

namespace test {

namespace {

scs::stores::postgres store_for_races(const scs::clock& clock) {
  return scs::stores::postgres{{.connection = shared_postgres().conninfo(),
                                .table = "races",
                                .clean_every = std::chrono::milliseconds{0},
                                .clock = &clock}};
}

TEST(races_on_postgres, break_no_rule) {
  const races::outcome all =
      races::race(on_a_turned_clock(store_for_races), 1, POSTGRES_INTERLEAVINGS);
  EXPECT_FALSE(all.failed_seed) << "seed " << all.failed_seed.value_or(0) << ": " << all.violation
                                << '\n'
                                << all.trace;
  EXPECT_EQ(all.interleavings, std::uint64_t{POSTGRES_INTERLEAVINGS});
  EXPECT_GT(all.counted.conflicts, all.interleavings / 10);
  RecordProperty("switches", static_cast<int>(all.pauses));
}

}  // namespace

}  // namespace test
