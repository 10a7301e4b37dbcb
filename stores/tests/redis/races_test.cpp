// The race suite on real servers. Nobody can turn their clocks, so no time passes in there: the
// sessions' clock stands still, and is set anew often enough not to fall behind the servers'.

#include "races.hpp"

#include <iostream>
#include <vector>

#include "session_clock.hpp"
#include "shared_servers.hpp"

namespace test {

namespace {

class redis_arena final : public races::arena {
 public:
  redis_arena(const std::vector<redis_server*>& servers, scs::stores::redis_mode mode)
      : store_{{.servers = {servers.front()->address()}, .mode = mode}} {
    for (redis_server* const server : servers)
      server->command({"FLUSHALL"});
  }

  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return clock_; }
  bool turn_clock(std::chrono::nanoseconds) override { return false; }

 private:
  session_clock clock_{scs::clock::system().now()};
  scs::stores::redis store_;
};

std::unique_ptr<races::arena> one_server() {
  return std::make_unique<redis_arena>(std::vector<redis_server*>{&shared_server()},
                                       scs::stores::redis_mode::single);
}

std::unique_ptr<races::arena> cluster() {
  std::vector<redis_server*> masters;
  for (std::size_t i = 0; i < redis_cluster::masters; ++i)
    masters.push_back(&shared_cluster().node(i));
  return std::make_unique<redis_arena>(masters, scs::stores::redis_mode::cluster);
}

void expect_no_rule_broken(const races::arena_factory& factory) {
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
  expect_no_rule_broken(one_server);
}

TEST(redis_races, break_no_rule_on_a_cluster) {
  expect_no_rule_broken(cluster);
}

TEST(redis_races, notice_a_store_that_breaks_them) {
  for (const char* fault : {"commits_without_comparing", "drops_tombstones"}) {
    const races::outcome seen = races::race(one_server, 1, 200, fault);
    EXPECT_TRUE(seen.failed_seed) << fault;
  }
}

}  // namespace

}  // namespace test
