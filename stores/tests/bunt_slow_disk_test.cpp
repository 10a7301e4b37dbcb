// A disk that has become slow: commits that have begun complete, further ones are refused
// (session_options::max_waiting_commits), and reading continues.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

#include "session_clock.hpp"
#include "support/gated_file_system.hpp"
#include "support/memory_file_system.hpp"
#include "support/test_database.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;

struct slow_disk : testing::Test {
  static constexpr std::size_t limit = 4;

  static scs::session_options options_with(const session_clock& clock) {
    scs::session_options options;
    options.clock = &clock;
    options.max_waiting_commits = limit;
    return options;
  }

  /// Stores a new session. Returns its cookie. Throws what the commit throws.
  std::string put(const std::string& value) {
    scs::session session = sessions_.load(std::string_view{});
    session.put("key", value);
    std::string set = sessions_.commit(session).at(0).value;
    set.resize(set.find(';'));
    return set;
  }
  std::string get(const std::string& cookie) {
    return sessions_.load(cookie).get<std::string>("key").value_or("");
  }
  std::string get_after_power_cut(const std::string& cookie) {
    using disk = buntdb::testing::memory_file_system;
    const auto left = files_.after_power_cut(disk::unsynced_data::dropped);
    buntdb::testing::test_database db(*left, clock_);
    scs::session_manager sessions{std::make_unique<scs::stores::bunt>(*db), options_with(clock_)};
    return sessions.load(cookie).get<std::string>("key").value_or("");
  }

  session_clock clock_;
  buntdb::testing::memory_file_system files_;
  buntdb::testing::gated_file_system disk_{files_};
  buntdb::testing::test_database db_{disk_, clock_, buntdb::sync_policy::always};
  scs::session_manager sessions_{std::make_unique<scs::stores::bunt>(*db_), options_with(clock_)};
};

TEST_F(slow_disk, holds_no_more_threads_than_commits_may_wait_and_loses_no_commit) {
  const std::string before = put("before");
  disk_.hold();
  constexpr int visitors = 32;
  std::atomic<std::size_t> refused = 0;
  std::vector<std::string> cookies(visitors);
  std::vector<std::jthread> threads;
  for (std::string& cookie : cookies) {
    threads.emplace_back([&] {
      try {
        cookie = put("value");
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), scs::errc::store_busy) << failure.what();
        ++refused;
      }
    });
  }
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (refused < visitors - limit && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(refused, visitors - limit) << "the others have their threads back";
  EXPECT_EQ(get(before), "before") << "reading goes on";
  EXPECT_THROW(put("one more"), scs::error);
  disk_.release();
  threads.clear();
  EXPECT_EQ(refused, visitors - limit) << "what was begun was waited for";
  std::size_t kept = 0;
  for (const std::string& cookie : cookies) {
    if (cookie.empty()) continue;
    ++kept;
    EXPECT_EQ(get(cookie), "value");
    EXPECT_EQ(get_after_power_cut(cookie), "value") << "and it is on the disk";
  }
  EXPECT_EQ(kept, limit);
  EXPECT_NO_THROW(put("there is room again"));
}

}  // namespace

}  // namespace test
