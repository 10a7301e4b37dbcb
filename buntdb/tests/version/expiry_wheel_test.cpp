#include "version/expiry_wheel.hpp"

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace buntdb::engine {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{std::chrono::nanoseconds(1'790'000'000'000'000'000)};
constexpr std::uint64_t unlimited = 1'000'000'000;

class expiry_wheel_test : public ::testing::Test {
 protected:
  ~expiry_wheel_test() override {
    for (item* item : items_) {
      expiry_wheel::remove(item);
      item::destroy(memory_, item);
    }
  }

  item* add(time_point expires) { return add_nanoseconds(expires.time_since_epoch().count()); }
  item* add_nanoseconds(std::int64_t expires) {
    item* made = item::create(memory_, 1, "key", "value", expires);
    items_.push_back(made);
    wheel_.add(made);
    return made;
  }
  std::size_t take_due() {
    std::size_t count = 0;
    for (; !wheel_.due().empty(); ++count)
      wheel_.due().pop_front();
    return count;
  }

  pool memory_;
  expiry_wheel wheel_{start};
  std::vector<item*> items_;
};

TEST_F(expiry_wheel_test, gives_each_item_within_two_ticks_and_never_early) {
  std::mt19937_64 random(3);
  std::multimap<time_point, item*> waiting;
  time_point now = start;
  for (int round = 0; round < 3000; ++round) {
    for (int i = 0; i < 3; ++i) {
      // From a nanosecond to a century.
      const auto distance = std::chrono::nanoseconds(random() >> (1 + random() % 62));
      const time_point expires = now + distance / 4;
      waiting.emplace(expires, add(expires));
    }
    if (random() % 5 == 0 && !waiting.empty()) {
      const auto victim = std::next(waiting.begin(), static_cast<long>(random() % waiting.size()));
      expiry_wheel::remove(victim->second);
      waiting.erase(victim);
    }
    now += std::chrono::nanoseconds(random() >> (20 + random() % 40));
    ASSERT_FALSE(wheel_.advance(now, unlimited));
    std::set<item*> due;
    while (!wheel_.due().empty()) {
      item* item = wheel_.due().pop_front();
      ASSERT_TRUE(item->expired(now));
      due.insert(item);
    }
    std::erase_if(waiting, [&](const auto& entry) { return due.contains(entry.second); });
    if (!waiting.empty()) {
      ASSERT_GT(waiting.begin()->first, now - 270ms);
    }
  }
  EXPECT_GT(waiting.size(), 0U);
}

TEST_F(expiry_wheel_test, goes_on_where_its_budget_ended) {
  for (int i = 0; i < 1000; ++i)
    add(start + 1h + std::chrono::milliseconds(i));
  int steps = 1;
  while (wheel_.advance(start + 2h, 100))
    ++steps;
  EXPECT_GE(steps, 10);
  EXPECT_EQ(take_due(), 1000U);
}

TEST_F(expiry_wheel_test, takes_the_first_and_the_last_moment_there_is) {
  add_nanoseconds(std::numeric_limits<std::int64_t>::min());
  add_nanoseconds(-1);
  add_nanoseconds(0);
  item* last = add_nanoseconds(item::no_expiry - 1);
  EXPECT_EQ(take_due(), 3U);
  EXPECT_FALSE(
      wheel_.advance(time_point(std::chrono::nanoseconds(item::no_expiry - 2)), unlimited));
  EXPECT_TRUE(wheel_.due().empty());
  expiry_wheel::remove(last);
}

TEST_F(expiry_wheel_test, keeps_nothing_of_an_item_without_expiry) {
  item* item = add_nanoseconds(item::no_expiry);
  EXPECT_EQ(item->next, nullptr);
  expiry_wheel::remove(item);  // does nothing
}

TEST_F(expiry_wheel_test, does_nothing_when_the_clock_goes_back) {
  add(start + 10s);
  EXPECT_FALSE(wheel_.advance(start - 1h, unlimited));
  EXPECT_TRUE(wheel_.due().empty());
  EXPECT_FALSE(wheel_.advance(start + 11s, unlimited));
  EXPECT_EQ(take_due(), 1U);
}

TEST_F(expiry_wheel_test, sorts_in_steps_what_was_added_for_later) {
  item_list later;
  for (int i = 0; i < 1000; ++i) {
    const time_point expires = start + std::chrono::seconds(i);
    item* const made =
        item::create(memory_, 1, "key", "value",
                     i % 2 == 0 ? expires.time_since_epoch().count() : item::no_expiry);
    items_.push_back(made);
    later.push_back(made);
  }
  wheel_.add_later(later);
  EXPECT_TRUE(later.empty());
  expiry_wheel::remove(items_[0]);
  expiry_wheel::remove(items_[1]);
  int steps = 1;
  for (; wheel_.advance(start + 500s, 100); ++steps)
    EXPECT_LT(steps, 100);
  EXPECT_GE(steps, 10);
  EXPECT_EQ(take_due(), 249U);
  EXPECT_EQ(items_[3]->next, nullptr) << "without expiry it is in no list";
  EXPECT_FALSE(wheel_.advance(start + 1h, unlimited));
  EXPECT_EQ(take_due(), 250U);
}

TEST_F(expiry_wheel_test, forgets_a_clock_that_was_ahead) {
  for (int i = 0; i < 1000; ++i)
    add(start + 1h + std::chrono::milliseconds(i));
  EXPECT_FALSE(wheel_.advance(start + 24h, unlimited));  // for a moment
  EXPECT_TRUE(wheel_.advance(start + 1s, 100));          // in steps
  EXPECT_TRUE(wheel_.due().empty());
  item* const soon = add(start + 2s);
  for (time_point now = start + 1s; wheel_.advance(now, 100);) {
  }
  EXPECT_TRUE(wheel_.due().empty());
  EXPECT_FALSE(wheel_.advance(start + 3s, unlimited));
  ASSERT_FALSE(wheel_.due().empty());
  EXPECT_EQ(wheel_.due().pop_front(), soon);
  EXPECT_TRUE(wheel_.due().empty());
  EXPECT_FALSE(wheel_.advance(start + 2h, unlimited));
  EXPECT_EQ(take_due(), 1000U);
}

}  // namespace
}  // namespace buntdb::engine
