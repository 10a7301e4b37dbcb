// Requests that race on one visitor's sessions, with their store in a real PostgreSQL.

#include "races.hpp"

#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

#include <scs/stores/postgres.hpp>

#include "server.hpp"
#include "turned_arena.hpp"

namespace test {

namespace {

class postgres_arena final : public races::turned_arena {
 public:
  scs::store& store() override { return store_; }

 private:
  scs::stores::postgres store_{{.connection = shared_postgres().conninfo(),
                                .table = "races",
                                .clean_every = std::chrono::milliseconds{0},
                                .clock = &clock_}};
};

TEST(races_on_postgres, break_no_rule) {
  const races::outcome all =
      races::race([] { return std::make_unique<postgres_arena>(); }, 1, POSTGRES_INTERLEAVINGS);
  EXPECT_FALSE(all.failed_seed) << "seed " << all.failed_seed.value_or(0) << ": " << all.violation
                                << '\n'
                                << all.trace;
  EXPECT_EQ(all.interleavings, std::uint64_t{POSTGRES_INTERLEAVINGS});
  EXPECT_GT(all.counted.conflicts, all.interleavings / 10);
  RecordProperty("switches", static_cast<int>(all.pauses));
}

}  // namespace

}  // namespace test
