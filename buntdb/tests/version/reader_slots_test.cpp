#include "version/reader_slots.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace buntdb::engine {
namespace {

/// How many slots a scan visits, and how many of them are in use.
struct scan_result {
  int visited = 0;
  int used = 0;
};

scan_result scan(reader_slots& slots) {
  scan_result found;
  slots.for_each([&](const reader_slot& slot) {
    ++found.visited;
    const bool used = slot.state.load() != 0;
    found.used += used ? 1 : 0;
    return used;
  });
  return found;
}

TEST(reader_slots, a_scan_visits_what_is_in_use) {
  reader_slots slots;
  std::vector<pin> pins;
  for (int i = 0; i < 5000; ++i)
    pins.push_back(slots.claim(7));
  EXPECT_EQ(scan(slots).used, 5000);
  pins.resize(3000);
  EXPECT_EQ(scan(slots).used, 3000);
  EXPECT_EQ(scan(slots).used, 3000);
}

TEST(reader_slots, a_burst_of_readers_leaves_nothing_to_visit) {
  reader_slots slots;
  const int before = scan(slots).visited;
  {
    std::vector<pin> pins;
    for (int i = 0; i < 100'000; ++i)
      pins.push_back(slots.claim(7));
    scan(slots);
  }
  EXPECT_EQ(scan(slots).used, 0);  // once more, for what they may have held
  EXPECT_EQ(scan(slots).visited, before);
}

TEST(reader_slots, one_that_stays_does_not_keep_the_others) {
  reader_slots slots;
  const int before = scan(slots).visited;
  std::vector<pin> pins;
  for (int i = 0; i < 10'000; ++i)
    pins.push_back(slots.claim(7));
  scan(slots);
  pins.erase(pins.begin(), pins.begin() + 5'000);
  pins.resize(1);
  scan(slots);
  const scan_result now = scan(slots);
  EXPECT_EQ(now.used, 1);
  EXPECT_LE(now.visited, before + 16);
}

TEST(reader_slots, slots_that_were_freed_are_used_again) {
  reader_slots slots;
  std::vector<pin> pins;
  for (int i = 0; i < 1000; ++i)
    pins.push_back(slots.claim(7));
  std::vector<const reader_slot*> freed;
  for (int i = 500; i < 510; ++i) {
    freed.push_back(pins[static_cast<std::size_t>(i)].get());
    pins[static_cast<std::size_t>(i)].reset();
  }
  for (int i = 0; i < 10; ++i) {
    const pin again = slots.claim(8);
    EXPECT_NE(std::find(freed.begin(), freed.end(), again.get()), freed.end());
  }
}

TEST(reader_slots, no_two_readers_have_the_same) {
  reader_slots slots;
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&slots] {
      std::vector<pin> pins;
      for (int round = 0; round < 200; ++round) {
        for (int i = 0; i < 40; ++i) {
          pins.push_back(slots.claim(static_cast<std::uint64_t>(i)));
          ASSERT_EQ(pins.back()->state.load(), (static_cast<std::uint64_t>(i) << 1) | 1);
        }
        for (const pin& one : pins)
          reader_slots::narrow_to(*one, 9);
        pins.clear();
      }
    });
  }
  for (std::thread& reader : readers)
    reader.join();
  scan(slots);
  EXPECT_EQ(scan(slots).visited, 16);
}

}  // namespace
}  // namespace buntdb::engine
