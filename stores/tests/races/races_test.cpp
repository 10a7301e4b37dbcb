// The races must detect faults: each known fault of a store is found, with a trace that can be
// repeated.

#include "races.hpp"

#include <gtest/gtest.h>

#include "broken_stores.hpp"
#include "raced_stores.hpp"

namespace races {

namespace {

class broken_store : public testing::TestWithParam<std::string> {};

TEST_P(broken_store, is_noticed_and_the_seed_plays_it_again) {
  for (const auto& [name, factory] : raced_stores()) {
    const outcome first = race(factory, 1, 3000, GetParam());
    ASSERT_TRUE(first.failed_seed) << name;
    EXPECT_NE(first.trace.find("=> " + first.violation), std::string::npos) << first.trace;
    const outcome again = race(factory, *first.failed_seed, 1, GetParam());
    EXPECT_EQ(again.violation, first.violation);
    EXPECT_EQ(again.trace, first.trace);
  }
}

INSTANTIATE_TEST_SUITE_P(races, broken_store, testing::ValuesIn(broken_names()),
                         [](const auto& fault) { return fault.param; });

TEST(races, break_no_rule_and_meet_what_they_shall) {
  for (const auto& [name, factory] : raced_stores()) {
    const outcome all = race(factory, 1'000'000, 300);
    EXPECT_FALSE(all.failed_seed) << name << ": " << all.violation << '\n' << all.trace;
    EXPECT_GT(all.counted.commits, 100U);
    EXPECT_GT(all.counted.conflicts, 50U);
    EXPECT_GT(all.counted.updates, 50U);
    EXPECT_GT(all.counted.renewals, 50U);
    EXPECT_GT(all.counted.begun_anew, 0U);
    EXPECT_GT(all.counted.logouts, 50U);
    EXPECT_GT(all.counted.gone, 10U);
    EXPECT_GT(all.counted.failures, 50U);
    EXPECT_GT(all.counted.visits, 20U);
    EXPECT_GT(all.counted.merges, 20U);
    EXPECT_GT(all.counted.over_limit, 10U);
    EXPECT_GT(all.counted.revoked, 0U);
  }
}

}  // namespace

}  // namespace races
