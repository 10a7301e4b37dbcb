// The race suite on real servers. The tests cannot change the servers' clocks, so no time passes in
// a run: the sessions' clock is constant during a run, and is set to the servers' time before each.

#include "races.hpp"

#include <iostream>

#include "redis_fixture.hpp"
#include "session_clock.hpp"

namespace test {

namespace {

/// A fixture with a constant clock for sessions, on servers whose clocks the tests cannot change.
class standing_fixture final : public redis_fixture {
 public:
  using redis_fixture::redis_fixture;

  const scs::clock& clock() const override { return clock_; }
  /// Small steps, without an effect on the servers, let a login be later than a revocation.
  bool advance(std::chrono::nanoseconds duration) override {
    if (duration < std::chrono::microseconds{1}) clock_.advance(duration);
    return false;
  }

 private:
  session_clock clock_{scs::clock::system().now()};
};

void expect_no_rule_broken(const make_store_fixture& factory) {
  constexpr std::uint64_t interleavings = 2000;
  constexpr std::uint64_t per_arena = 200;
  std::size_t conflicts = 0;
  std::size_t commits = 0;
  for (std::uint64_t seed = 1; seed < interleavings; seed += per_arena) {
    const races::outcome seen = races::race(factory, seed, per_arena);
    ASSERT_FALSE(seen.failed_seed) << "seed " << *seen.failed_seed << ": " << seen.violation << '\n'
                                   << seen.trace;
    ASSERT_EQ(seen.interleavings, per_arena);
    conflicts += seen.counted.conflicts;
    commits += seen.counted.commits;
  }
  EXPECT_GT(conflicts, 500U) << "they hardly met";
  std::cout << interleavings << " interleavings, " << commits << " commits, " << conflicts
            << " conflicts\n";
}

TEST(redis_races, break_no_rule_on_one_server) {
  expect_no_rule_broken(one_server<standing_fixture>);
}

TEST(redis_races, break_no_rule_on_a_cluster) {
  expect_no_rule_broken(cluster<standing_fixture>);
}

TEST(redis_races, notice_a_store_that_breaks_them) {
  for (const char* fault : {"commits_without_comparing", "drops_tombstones"}) {
    const races::outcome seen = races::race(one_server<standing_fixture>, 1, 200, fault);
    EXPECT_TRUE(seen.failed_seed) << fault;
  }
}

}  // namespace

}  // namespace test
