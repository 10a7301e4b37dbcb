#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/test_database.hpp"

namespace buntdb {
namespace {

using namespace std::chrono_literals;
using testing::fake_clock;
using testing::memory_file_system;
using testing::test_database;

/// Runs each function in a thread of its own until all have returned.
void run(const std::vector<std::function<void()>>& functions) {
  std::vector<std::thread> threads;
  threads.reserve(functions.size());
  for (const auto& function : functions)
    threads.emplace_back(function);
  for (auto& thread : threads)
    thread.join();
}

// Writers move money between accounts: every snapshot must see all of it.
class concurrency : public ::testing::TestWithParam<sync_policy> {
 protected:
  static constexpr int accounts = 50;
  static constexpr int total = accounts * 100;

  static std::string account(std::size_t i) { return "account:" + std::to_string(i); }
  static int number(std::string_view text) { return std::stoi(std::string(text)); }

  static int sum(const reader& view) {
    int found = 0;
    for (const auto [key, value] : view.ascend())
      found += number(value);
    return found;
  }

  concurrency() {
    db_->update([](transaction& tx) {
      for (std::size_t i = 0; i < accounts; ++i)
        tx.set(account(i), "100");
    });
  }

  void transfer(std::mt19937& random) {
    db_->update([&](transaction& tx) {
      const std::string from = account(random() % accounts);
      const std::string to = account(random() % accounts);
      const int amount = static_cast<int>(random() % 10);
      tx.set(from, std::to_string(number(*tx.get(from)) - amount));
      tx.set(to, std::to_string(number(*tx.get(to)) + amount));
      if (random() % 10 == 0) {  // an account is closed, and opened again with its money
        const std::string balance(*tx.get(from));
        tx.erase(from);
        tx.set(from, balance);
      }
    });
  }

  fake_clock clock_;
  memory_file_system files_;
  test_database db_{files_, clock_, GetParam()};
};

TEST_P(concurrency, every_snapshot_sees_whole_transactions_only) {
  constexpr int writers = 4;
  constexpr int readers = 4;
  constexpr int transfers = 400;
  std::atomic<int> writing{writers};
  std::vector<std::function<void()>> threads;
  for (unsigned w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      std::mt19937 random(w);
      for (int i = 0; i < transfers; ++i)
        transfer(random);
      --writing;
    });
  }
  for (unsigned r = 0; r < readers; ++r) {
    threads.emplace_back([&, r] {
      std::mt19937 random(r);
      std::vector<snapshot> held;
      do {
        snapshot view = db_->begin_read();
        ASSERT_EQ(sum(view), total);
        ASSERT_EQ(view.size(), std::uint64_t{accounts});
        if (held.size() < 5) {
          held.push_back(std::move(view));
        } else {
          snapshot& old = held[random() % held.size()];
          ASSERT_EQ(sum(old), total);
          old = std::move(view);
        }
      } while (writing != 0);
    });
  }
  threads.emplace_back([&] {
    while (writing != 0) {  // what the background thread would do
      db_.engine().sweeper().remove_some();
      db_.engine().maintenance().sync_if_due();
      db_.engine().core().reclaim();
      std::this_thread::yield();
    }
  });
  run(threads);
  db_.reclaim();
  EXPECT_EQ(db_->stats().pinned_versions, 0U);
  EXPECT_EQ(sum(db_->begin_read()), total);
}

TEST_P(concurrency, no_commit_is_lost_or_seen_out_of_order) {
  constexpr int threads = 8;
  constexpr int commits = 150;
  std::atomic<int> running{threads};
  std::vector<std::function<void()>> functions;
  functions.reserve(threads + 1);
  for (int t = 0; t < threads; ++t) {
    functions.emplace_back([&, t] {
      const std::string mine = "counter:" + std::to_string(t);
      int seen_of_next = 0;
      for (int i = 1; i <= commits; ++i) {
        db_->update([&](transaction& tx) {
          tx.set(mine, std::to_string(i));
          tx.set("all", std::to_string(tx.contains("all") ? number(*tx.get("all")) + 1 : 1));
        });
        const snapshot view = db_->begin_read();
        // A thread's own commit is visible when it has returned; the values of another thread never
        // go back.
        ASSERT_EQ(view.get(mine), std::to_string(i));
        const auto next = view.get("counter:" + std::to_string((t + 1) % threads));
        const int value = next ? number(*next) : 0;
        ASSERT_GE(value, seen_of_next);
        seen_of_next = value;
      }
      --running;
    });
  }
  functions.emplace_back([&] {
    // Every version is consistent: "all" is the sum of the counters.
    while (running != 0) {
      const snapshot view = db_->begin_read();
      int counted = 0;
      for (const auto [key, value] :
           view.ascend({.at_least = "counter:", .less_than = "counter;"})) {
        counted += number(value);
      }
      ASSERT_EQ(view.contains("all") ? number(*view.get("all")) : 0, counted);
    }
  });
  run(functions);
  EXPECT_EQ(db_->get("all"), std::to_string(threads * commits));
}

// stats() and the end of commit() must not use the file that close() is releasing.
TEST_P(concurrency, closing_beside_commits_and_questions_refuses_them_and_nothing_else) {
  std::atomic<int> commits{0};
  const auto until_closed = [](auto function) {
    return [function] {
      try {
        for (;;)
          function();
      } catch (const error& failure) {
        ASSERT_EQ(failure.code(), errc::closed) << failure.what();
      }
    };
  };
  const auto commit = [&] { db_->set("a", std::to_string(++commits)); };
  const auto close = [&] {
    while (commits < 100)
      std::this_thread::yield();
    db_->close();
  };
  // A compaction is always due, so that each close looks at the file.
  db_->change([](settings& to) { to.compaction = {.growth = 1.1, .at_least_bytes = 1}; });
  run({until_closed(commit), until_closed(commit), until_closed(commit),
       until_closed([&] { static_cast<void>(db_->stats()); }), until_closed([&] { db_->sync(); }),
       close, close});
}

INSTANTIATE_TEST_SUITE_P(policies, concurrency,
                         ::testing::Values(sync_policy::never, sync_policy::every_second,
                                           sync_policy::always),
                         [](const auto& policy) {
                           switch (policy.param) {
                             case sync_policy::never:
                               return "never";
                             case sync_policy::every_second:
                               return "every_second";
                             default:
                               return "always";
                           }
                         });

TEST(concurrency_in_the_background, the_real_thread_works_beside_readers_and_writers) {
  database db = database::in_memory();
  std::atomic<bool> stop{false};
  run({[&] {
         for (int i = 0; i < 20000; ++i) {
           db.set(std::to_string(i % 500), std::to_string(i),
                  {.ttl = std::chrono::microseconds(i)});
         }
         stop = true;
       },
       [&] {
         while (!stop) {
           const snapshot view = db.begin_read();
           for (const auto [key, value] : view.ascend())
             ASSERT_FALSE(value.empty());
         }
       }});
}

// With the system's clock, so that find() uses both of its paths: the second key is always close to
// its expiry, and may reach it.
TEST(concurrent_find, gives_whole_values_that_never_go_back) {
  constexpr int last = 3000;
  database db = database::in_memory();
  const auto write = [&](int i) {
    const std::string value = std::to_string(i) + std::string(100, static_cast<char>('a' + i % 26));
    db.set("far", value, {.ttl = 1h});
    db.set("near", value, {.ttl = 900ms});
  };
  write(0);
  std::atomic<bool> writing{true};
  const auto read = [&] {
    std::map<std::string_view, int> seen{{"far", 0}, {"near", 0}};
    for (bool again = true; again;) {
      again = writing;
      for (auto& [key, before] : seen) {
        const std::optional<held_item> found = db.find(key);
        if (!found) {
          ASSERT_EQ(key, "near");
          continue;
        }
        const int i = std::stoi(std::string(found->value));
        ASSERT_GE(i, before);
        ASSERT_EQ(found->value.substr(found->value.size() - 100),
                  std::string(100, static_cast<char>('a' + i % 26)));
        before = i;
      }
    }
    ASSERT_EQ(seen["far"], last);
  };
  run({[&] {
         for (int i = 1; i <= last; ++i)
           write(i);
         writing = false;
       },
       read, read});
  EXPECT_EQ(db.stats().pinned_versions, 0U);
}

}  // namespace
}  // namespace buntdb
