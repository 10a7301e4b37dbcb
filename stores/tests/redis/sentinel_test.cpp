// A store that asks sentinels for the master: how many of them it needs, and its errors without
// them.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "impatient_store.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_mode;
using scs::stores::redis_options;
using testing::AllOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

redis_options options_for(const redis_sentinels& sentinels) {
  return {.servers = sentinels.addresses(),
          .mode = redis_mode::sentinel,
          .sentinel_master = redis_sentinels::name,
          .timeout = 2s,
          .max_reconnect_pause = 50ms};
}

TEST(redis_sentinel, leads_to_the_master) {
  redis store{options_for(shared_sentinels())};
  store.check();
  const auto id = new_id();
  EXPECT_EQ(store.commit(id, "payload", in(1h), std::nullopt, "tom").result, outcome::committed);
  EXPECT_EQ(store.find(id)->payload, "payload");
  std::vector<scs::session_id> listed;
  store.for_each_of_user("tom", [&](const scs::session_id& found, const scs::record&) {
    listed.push_back(found);
    return scs::visit::next;
  });
  EXPECT_EQ(listed, std::vector{id});
}

TEST(redis_sentinel, that_does_not_know_the_name_says_so) {
  redis_options options = options_for(shared_sentinels());
  options.sentinel_master = "no such master";
  options.timeout = timeout;
  redis store{options};
  const failure_seen seen = failure_of([&] { store.find(new_id()); });
  EXPECT_THAT(seen.text, AllOf(HasSubstr("0 of 3 sentinels"),
                               HasSubstr("knows no master \"no such master\"")));
  EXPECT_LT(seen.after, timeout + margin);
}

TEST(redis_sentinel, that_is_a_server_of_data_is_none) {
  redis_options options = options_for(shared_sentinels());
  options.servers = {shared_server().address()};
  options.timeout = timeout;
  redis store{options};
  EXPECT_THAT(failure_of([&] { store.find(new_id()); }).text,
              AllOf(HasSubstr("0 of 1 sentinels"), HasSubstr("unknown command")));
}

TEST(redis_sentinel, of_three_one_may_be_down_and_two_may_not) {
  redis_sentinels sentinels{30s};
  redis store{options_for(sentinels)};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  sentinels.kill_sentinel(0);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(store.find(id)) << "asked again at once, for its connection is lost";
  EXPECT_TRUE(redis{options_for(sentinels)}.find(id)) << "also by a store that knows nothing yet";
  sentinels.kill_sentinel(1);
  const failure_seen seen = failure_of([&] { store.find(id); });
  EXPECT_THAT(seen.text, HasSubstr("1 of 3 sentinels say which is the master"));
  sentinels.start_sentinel(0);
  EXPECT_TRUE(eventually([&] {
    try {
      return store.find(id).has_value();
    } catch (const scs::error&) {
      return false;
    }
  })) << "without a new store";
}

TEST(redis_sentinel, that_stands_still_costs_little) {
  redis_sentinels sentinels{30s};
  redis store{options_for(sentinels)};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  sentinels.freeze_sentinel(1);
  const auto end = std::chrono::steady_clock::now() + 3s;
  int slow = 0;
  while (std::chrono::steady_clock::now() < end) {
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_TRUE(store.find(id));
    if (std::chrono::steady_clock::now() - begun > 200ms) ++slow;
  }
  EXPECT_LE(slow, 2) << "it is asked once, then avoided";
  sentinels.thaw_sentinel(1);
}

// The servers have no password here, and the sentinels have one.
TEST(redis_sentinel, that_wants_a_password_gets_its_own) {
  redis_sentinels sentinels{30s};
  for (std::size_t i = 0; i < redis_sentinels::count; ++i)
    sentinels.ask(i, {"ACL", "SETUSER", "default", "resetpass", ">of the sentinels"});
  redis_options options = options_for(sentinels);
  options.timeout = timeout;
  EXPECT_THAT(failure_of([&] { redis{options}.find(new_id()); }).text,
              AllOf(HasSubstr("0 of 3 sentinels"), HasSubstr("NOAUTH")));
  options.sentinel_password = "of the sentinels";
  options.timeout = 5s;
  EXPECT_FALSE(redis{options}.find(new_id()));
}

}  // namespace

}  // namespace test
