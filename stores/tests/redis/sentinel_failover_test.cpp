// A master that fails, and the data of its successor. Sentinel determines the times: it waits for
// 0.5 s before it considers a master down, and for up to a second before it replaces it.

#include <atomic>
#include <future>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
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
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

constexpr std::chrono::milliseconds down_after{500};

struct redis_sentinel_failover : testing::Test {
  redis_options options(int replicas = 0, std::chrono::milliseconds longest = 2s) const {
    return {.servers = sentinels.addresses(),
            .mode = redis_mode::sentinel,
            .sentinel_master = redis_sentinels::name,
            .timeout = longest,
            .max_reconnect_pause = 50ms,
            .wait_replicas = replicas};
  }

  redis_sentinels sentinels{down_after};
};

bool commits(redis& store) {
  try {
    return store.commit(new_id(), "x", in(1h), std::nullopt, "").result == outcome::committed;
  } catch (const scs::error&) {
    return false;
  }
}

/// Threads that make sessions until stop() is called.
class load {
 public:
  load(const redis_options& options, int threads) : store_(options) {
    for (int i = 0; i < threads; ++i)
      threads_.emplace_back([this] { run(); });
  }
  ~load() { stop(); }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  void stop() {
    ending_ = true;
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  /// Returns the sessions whose commit returned.
  std::vector<scs::session_id> acknowledged() {
    const std::lock_guard lock{mutex_};
    return acknowledged_;
  }
  std::size_t count() { return acknowledged().size(); }

 private:
  void run() {
    while (!ending_) {
      const scs::session_id id = new_id();
      try {
        store_.commit(id, id.text(), in(1h), std::nullopt, "user");
        const std::lock_guard lock{mutex_};
        acknowledged_.push_back(id);
      } catch (const scs::error&) {  // NOLINT(bugprone-empty-catch): during the failover
      }
    }
  }

  redis store_;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;
  std::vector<scs::session_id> acknowledged_;
  std::vector<std::thread> threads_;
};

TEST_F(redis_sentinel_failover, of_a_master_that_is_killed_under_load_ends_when_sentinel_is_done) {
  load work{options(), 8};
  ASSERT_TRUE(eventually([&] { return work.count() > 100; }));
  sentinels.server(0).kill();
  ASSERT_TRUE(eventually([&] {
    return sentinels.master_seen_by(0) == 1U &&
           sentinels.server(1).command({"ROLE"}).starts_with("master");
  }));
  const auto replaced = steady_clock::now();
  const std::size_t before = work.count();
  EXPECT_TRUE(eventually([&] { return work.count() > before + 100; }));
  const auto served = steady_clock::now() - replaced;
  std::cout << "served " << std::chrono::duration_cast<std::chrono::milliseconds>(served).count()
            << " ms after a sentinel named the successor\n";
  work.stop();
  redis later{options()};
  EXPECT_TRUE(commits(later));
}

TEST_F(redis_sentinel_failover, loses_nothing_that_a_replica_has_confirmed) {
  load work{options(1), 8};
  ASSERT_TRUE(eventually([&] { return work.count() > 300; }));
  sentinels.server(0).kill();
  ASSERT_TRUE(eventually([&] { return sentinels.master_seen_by(0) == 1U; }));
  work.stop();
  redis store{options()};
  std::size_t lost = 0;
  for (const scs::session_id& id : work.acknowledged()) {
    if (!store.find(id)) ++lost;
  }
  EXPECT_EQ(lost, 0U) << "of " << work.count();
  // There is no replica now, so a change that must wait for one fails. Later there is one.
  redis careful{options(1)};
  EXPECT_FALSE(commits(careful));
  sentinels.server(0).start();
  EXPECT_TRUE(eventually([&] { return commits(careful); }, 60s)) << "the old master follows";
}

TEST_F(redis_sentinel_failover, lets_nothing_be_read_from_the_old_master) {
  redis idle{options()};
  redis busy{options()};
  const scs::session_id id = new_id();
  idle.commit(id, "payload", in(1h), std::nullopt, "tom");
  ASSERT_TRUE(idle.find(id));
  sentinels.server(0).freeze();
  ASSERT_TRUE(eventually([&] { return sentinels.master_seen_by(0) == 1U; }));
  ASSERT_TRUE(eventually([&] {
    try {
      busy.erase(id);
      return !busy.find(id);
    } catch (const scs::error&) {
      return false;
    }
  }));
  // The store's connections to the old master are open, and it does not know its successor yet.
  sentinels.server(0).thaw();
  ASSERT_TRUE(sentinels.server(0).command({"ROLE"}).starts_with("master"));
  EXPECT_FALSE(idle.find(id)) << "the session has ended";
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(idle.find(id));
  idle.for_each_of_user("tom", [](const scs::session_id&, const scs::record&) {
    ADD_FAILURE() << "the session has ended";
    return scs::visit::next;
  });
  EXPECT_TRUE(sentinels.whole(60s));
}

TEST_F(redis_sentinel_failover, makes_a_late_answer_of_the_old_master_worthless) {
  redis patient{options(0, 60s)};
  redis busy{options()};
  const scs::session_id read = new_id();
  const scs::session_id written = new_id();
  patient.commit(read, "payload", in(1h), std::nullopt, "");
  patient.find(read);
  sentinels.server(0).freeze();
  auto reading = std::async(std::launch::async, [&] { return patient.find(read).has_value(); });
  auto writing = std::async(std::launch::async, [&]() -> std::string {
    try {
      patient.commit(written, "payload", in(1h), std::nullopt, "");
      return "committed";
    } catch (const scs::error& failure) {
      return failure.what();
    }
  });
  ASSERT_TRUE(eventually([&] { return sentinels.server(0).has_unread_bytes(); }));
  ASSERT_TRUE(eventually([&] {
    try {
      busy.erase(read);
      return !busy.find(read);
    } catch (const scs::error&) {
      return false;
    }
  }));
  sentinels.server(0).thaw();
  EXPECT_FALSE(reading.get()) << "the session has ended";
  const std::string outcome_of_writing = writing.get();
  if (outcome_of_writing == "committed") {
    EXPECT_TRUE(busy.find(written)) << "the successor has it";
  } else {
    EXPECT_THAT(outcome_of_writing, AnyOf(HasSubstr("a failover may undo what was asked of it"),
                                          HasSubstr("may have taken place or not")));
  }
}

}  // namespace

}  // namespace test
