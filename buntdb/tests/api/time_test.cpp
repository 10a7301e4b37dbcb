// No item lives longer than its time to live, whatever happens to the clock and to the file.
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;

const std::string path = test_database::path;

std::string with_relative_expiry(const std::string& key, int seconds) {
  const std::string text = std::to_string(seconds);
  return "*5\r\n$3\r\nset\r\n$" + std::to_string(key.size()) + "\r\n" + key +
         "\r\n$1\r\nv\r\n$2\r\nex\r\n$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

class lifetime : public ::testing::Test {
 protected:
  lifetime() { files_.set_clock(clock_); }

  std::optional<std::chrono::nanoseconds> ttl_after_reopening(const std::string& key) {
    test_database db(files_, clock_);
    return db->begin_read().ttl(key);
  }

  fake_clock clock_;
  memory_file_system files_;
};

// Reopens, compactions, copies with a new time of modification, kills, and a clock that jumps
// forward and back by hours.
TEST_F(lifetime, is_never_given_to_an_item_that_it_did_not_get_from_its_set) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    auto files = std::make_unique<memory_file_system>();
    files->set_clock(clock_);
    auto db = std::make_unique<test_database>(*files, clock_);
    std::map<std::string, time_point> ends;
    std::set<std::string> swept;
    for (int step = 0; step < 150; ++step) {
      const std::string key = std::to_string(random() % 10);
      switch (random() % 8) {
        case 0:
        case 1: {
          const std::chrono::nanoseconds ttl = std::chrono::microseconds(random());
          (*db)->set(key, "v", {.ttl = ttl});
          ends[key] = clock_.now() + ttl;
          swept.erase(key);
          break;
        }
        case 2:
          clock_.advance(std::chrono::milliseconds(random() % 7'200'000) - 1h);
          break;
        case 3:
          db->sweep();
          for (const auto& [each, end] : ends)
            if (clock_.now() >= end) swept.insert(each);
          break;
        case 4:
          (*db)->compact();
          break;
        case 5:
          db.reset();
          db = std::make_unique<test_database>(*files, clock_);
          break;
        case 6: {  // killed, and copied to another disk
          auto copy = std::make_unique<memory_file_system>();
          copy->set_clock(clock_);
          copy->put(path, files->content(path), clock_.now());
          db.reset();
          files = std::move(copy);
          db = std::make_unique<test_database>(*files, clock_);
          break;
        }
        default:
          (*db)->set("other", "v");
      }
      const snapshot view = (*db)->begin_read();
      for (const auto& [each, end] : ends) {
        const auto ttl = view.ttl(each);
        if (!ttl) continue;
        ASSERT_LE(clock_.now() + *ttl, end) << "round " << round << ", step " << step;
        ASSERT_EQ(swept.count(each), 0U) << "it was swept, and came back";
      }
    }
  }
}

TEST_F(lifetime, from_a_torn_file_with_relative_expiries_counts_from_before_the_cut) {
  const std::string whole = with_relative_expiry("a", 60);
  files_.put(path, whole + "*5\r\n$3\r\nse", clock_.now());
  clock_.advance(20s);
  for (std::uint64_t nth = 1;; ++nth) {
    // The machine stops at any call of the open: no state of the disk lengthens a life.
    const auto disk = files_.after_power_cut(memory_file_system::unsynced_data::kept);
    disk->fail_nth(nth, 5);
    bool opened = true;
    try {
      test_database db(*disk, clock_);
      EXPECT_EQ(db->begin_read().ttl("a"), 40s);
    } catch (const error&) {
      opened = false;
    }
    disk->heal();
    for (const auto what :
         {memory_file_system::unsynced_data::dropped, memory_file_system::unsynced_data::kept}) {
      const auto cut = disk->after_power_cut(what);
      test_database again(*cut, clock_);
      ASSERT_EQ(again->begin_read().ttl("a"), 40s) << "call " << nth;
    }
    if (opened) break;
  }
}

TEST_F(lifetime, does_not_count_from_a_time_of_modification_that_is_still_to_come) {
  files_.put(path, with_relative_expiry("a", 60), clock_.now() + 24h);
  EXPECT_EQ(ttl_after_reopening("a"), 60s);
  clock_.advance(20s);
  EXPECT_EQ(ttl_after_reopening("a"), 40s);
  clock_.advance(24h);
  EXPECT_EQ(ttl_after_reopening("a"), std::nullopt);
}

TEST_F(lifetime, of_a_live_file_that_is_only_read_is_no_later_either) {
  files_.put(path, with_relative_expiry("a", 60), clock_.now() + 24h);
  const options read_only{.read_only = true, .clock = &clock_};
  const database db = engine::database_access::open(files_, path, read_only);
  EXPECT_EQ(db.begin_read().ttl("a"), 60s);
}

}  // namespace
}  // namespace buntdb
