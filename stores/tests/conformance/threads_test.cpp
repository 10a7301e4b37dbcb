// Threads that use one record, or one user's records, concurrently.

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/conformance.hpp"

namespace test {

TEST_P(store_conformance, lets_one_of_many_creators_win) {
  for (int round = 0; round < 50; ++round) {
    const auto id = new_id();
    std::atomic<int> winners{0};
    run_threads(4, [&](int) {
      if (store().commit(id, "x", in(hours{1}), std::nullopt, "").result == outcome::committed) {
        ++winners;
      }
    });
    EXPECT_EQ(winners, 1);
  }
}

TEST_P(store_conformance, lets_one_of_many_commits_win_per_revision) {
  constexpr int threads = 4;
  constexpr int increments = 250;
  const auto id = new_id();
  stored(id, "0");
  run_threads(threads, [&](int) {
    for (int i = 0; i < increments;) {
      const auto found = store().find(id);
      const std::string next = std::to_string(std::stoi(found->payload) + 1);
      if (store().commit(id, next, in(hours{1}), found->revision, "").result ==
          outcome::committed) {
        ++i;
      }
    }
  });
  EXPECT_EQ(payload_of(id), std::to_string(threads * increments));
}

TEST_P(store_conformance, erases_once_among_commits_and_touches) {
  for (int round = 0; round < 50; ++round) {
    const auto id = new_id();
    const std::string revision = stored(id, "first");
    std::atomic<int> erasures{0};
    std::atomic<bool> revived{false};
    run_threads(4, [&](int thread) {
      switch (thread) {
        case 0:
        case 1:
          if (store().erase(id)) ++erasures;
          if (store().find(id)) revived = true;
          break;
        case 2:
          store().commit(id, "second", in(hours{1}), revision, "");
          break;
        default:
          store().touch(id, in(hours{2}));
      }
    });
    EXPECT_EQ(erasures, 1);
    EXPECT_FALSE(revived);
    EXPECT_FALSE(store().find(id));
  }
}

// While sessions begin, end and change their users, each visited record is the user's and is
// visited once, and records that exist all the time are visited.
TEST_P(store_conformance, lists_a_users_records_while_they_change) {
  const auto steady = new_id();
  const std::string steady_payload = payload_for("tom", steady.text());
  stored_for(steady, "tom");
  const std::vector<scs::session_id> changing{new_id(), new_id(), new_id(), new_id()};
  std::atomic<int> busy{2};
  std::mutex mutex;  // guards mistakes
  std::set<std::string> mistakes;
  const auto mistake = [&](const std::string& what) {
    const std::lock_guard lock{mutex};
    mistakes.insert(what);
  };
  run_threads(4, [&](int thread) {
    if (thread < 2) {
      for (int i = 0; i < 200; ++i) {
        const scs::session_id& id = changing[static_cast<std::size_t>(i) % changing.size()];
        const auto found = store().find(id);
        const auto revision = found ? std::optional{found->revision} : std::nullopt;
        if (i % 7 == 0) {
          store().erase(id);
        } else {
          commit_for(id, (i + thread) % 2 == 0 ? "tom" : "ann", revision);
        }
      }
      --busy;
      return;
    }
    const std::string user = thread == 2 ? "tom" : "ann";
    while (busy > 0) {
      std::set<scs::session_id> seen;
      store().for_each_of_user(user, [&](const scs::session_id& id, const scs::record& record) {
        if (!seen.insert(id).second) mistake("visited twice");
        if (record.payload != payload_for(user, id.text())) mistake("visited another's record");
        return scs::visit::next;
      });
      if (seen.count(steady) != (user == "tom" ? 1U : 0U)) mistake("one that was always there");
    }
  });
  EXPECT_TRUE(mistakes.empty()) << testing::PrintToString(mistakes);
  EXPECT_EQ(payload_of(steady), steady_payload);
  for (const scs::session_id& id : changing) {
    const std::string payload = payload_of(id);
    for (const char* user : {"tom", "ann"}) {
      const auto ids = ids_of(user);
      EXPECT_EQ(std::count(ids.begin(), ids.end(), id), payload == payload_for(user, id.text()))
          << payload;
    }
  }
}

}  // namespace test
