// The race suite on real servers: nobody can turn their clocks, so no time passes in there.

#include "races.hpp"

#include <iostream>

#include "shared_servers.hpp"

namespace test {

namespace {

class redis_arena final : public races::arena {
 public:
  explicit redis_arena(scs::stores::redis_options options) : store_(std::move(options)) {}

  scs::store& store() override { return store_; }
  const scs::clock& clock() const override { return scs::clock::system(); }
  bool turn_clock(std::chrono::nanoseconds) override { return false; }

 private:
  scs::stores::redis store_;
};

void expect_no_rule_broken(const scs::stores::redis_options& options) {
  const races::outcome seen =
      races::race([&] { return std::make_unique<redis_arena>(options); }, 1, 2000);
  EXPECT_FALSE(seen.failed_seed) << "seed " << *seen.failed_seed << ": " << seen.violation << '\n'
                                 << seen.trace;
  EXPECT_EQ(seen.interleavings, 2000U);
  EXPECT_GT(seen.counted.conflicts, 100U) << "they hardly met";
  std::cout << seen.pauses << " switches, " << seen.counted.commits << " commits, "
            << seen.counted.conflicts << " conflicts\n";
}

TEST(redis_races, break_no_rule_on_one_server) {
  expect_no_rule_broken({.servers = {shared_server().address()}});
}

TEST(redis_races, break_no_rule_on_a_cluster) {
  expect_no_rule_broken(
      {.servers = {shared_cluster().node(0).address()}, .mode = scs::stores::redis_mode::cluster});
}

TEST(redis_races, notice_a_store_that_breaks_them) {
  const races::outcome seen = races::race(
      [] {
        return std::make_unique<redis_arena>(
            scs::stores::redis_options{.servers = {shared_server().address()}});
      },
      1, 2000, "commits_without_comparing");
  EXPECT_TRUE(seen.failed_seed);
}

}  // namespace

}  // namespace test
