// Requests on one session with durable commits: for how many syncs of the disk each one waits.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <buntdb/database.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/bunt.hpp>

#include "api/database_access.hpp"
#include "support/memory_file_system.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using buntdb::testing::io_call;

constexpr int visitor_count = 32;
constexpr int requests_each = 8;

/// A disk whose syncs take as long as a real disk's, and are counted.
struct slow_disk {
  slow_disk() {
    files.watch([this](const buntdb::testing::io_record& call) {
      if (call.call != io_call::sync && call.call != io_call::flush) return;
      std::this_thread::sleep_for(3ms);
      ++syncs;
    });
  }
  buntdb::testing::memory_file_system files;
  std::atomic<int> syncs = 0;
};

/// Sends requests that change a session, one after another.
class visitor {
 public:
  visitor(scs::session_manager& sessions, slow_disk& disk, std::string cookie)
      : sessions_(sessions), disk_(disk), cookie_(std::move(cookie)) {}

  void send_all() {
    for (int i = 0; i < requests_each; ++i) {
      const int before = disk_.syncs;
      scs::session session = sessions_.load(cookie_);
      session.put("n", i);
      static_cast<void>(sessions_.commit(session));
      waits.push_back(disk_.syncs - before);
    }
  }

  std::vector<int> waits;  ///< in syncs, of each request

 private:
  scs::session_manager& sessions_;
  slow_disk& disk_;
  const std::string cookie_;
};

/// Returns a new session's cookie.
std::string cookie_from(scs::session_manager& sessions) {
  scs::session session = sessions.load("");
  session.put("n", 0);
  const std::string line = sessions.commit(session).at(0).value;
  return line.substr(0, line.find(';'));
}

/// Returns by how many syncs the longest wait exceeds the median.
int spread(bool one_session) {
  slow_disk disk;
  buntdb::database db = buntdb::engine::database_access::open(
      disk.files, "sessions.db", {.sync = buntdb::sync_policy::always});
  scs::session_manager sessions(std::make_unique<scs::stores::bunt>(db));
  const std::string shared = cookie_from(sessions);
  std::vector<visitor> all;
  for (int i = 0; i < visitor_count; ++i)
    all.emplace_back(sessions, disk, one_session ? shared : cookie_from(sessions));
  {
    std::vector<std::jthread> threads;
    for (visitor& each : all)
      threads.emplace_back([&each] { each.send_all(); });
  }
  std::vector<int> waits;
  for (const visitor& each : all)
    waits.insert(waits.end(), each.waits.begin(), each.waits.end());
  std::sort(waits.begin(), waits.end());
  return waits.back() - waits[waits.size() / 2];
}

/// Returns the least result of several runs: on a busy machine a thread may not run while others
/// sync.
int least_spread(bool one_session) {
  int least = spread(one_session);
  for (int again = 0; again < 4 && least > 2; ++again)
    least = std::min(least, spread(one_session));
  return least;
}

TEST(bunt_turns, let_no_request_on_one_session_wait_for_three_syncs_more_than_the_median) {
  EXPECT_LE(least_spread(true), 2);
}

TEST(bunt_turns, let_no_request_on_many_sessions_wait_for_three_syncs_more_than_the_median) {
  EXPECT_LE(least_spread(false), 2);
}

}  // namespace

}  // namespace test
