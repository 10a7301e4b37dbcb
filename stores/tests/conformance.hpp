#pragma once

// One suite for every store that keeps sessions at the server. A store's tests say
//
//     INSTANTIATE_TEST_SUITE_P(memory, store_conformance, testing::Values(make_memory_fixture));
//
// where the parameter makes a fixture: an empty store, and a way to let its time pass.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/token.hpp>

namespace test {

/// What the suite runs on; made anew for each test.
class store_fixture {
 public:
  virtual ~store_fixture() = default;
  virtual scs::store& store() = 0;
  /// The time by which the store judges.
  virtual scs::time_point now() = 0;
  virtual void advance(std::chrono::seconds duration) = 0;
};

using make_store_fixture = std::function<std::unique_ptr<store_fixture>()>;

class store_conformance : public testing::TestWithParam<make_store_fixture> {
 protected:
  using outcome = scs::commit_result::outcome;

  scs::store& store() { return fixture_->store(); }
  scs::time_point in(std::chrono::seconds duration) { return fixture_->now() + duration; }
  void advance(std::chrono::seconds duration) { fixture_->advance(duration); }

  static scs::session_id new_id() { return scs::token::generate().id(); }

  /// A record that is there, and its revision.
  std::string stored(const scs::session_id& id, std::string_view payload = "payload",
                     std::chrono::seconds lifetime = std::chrono::hours{1}) {
    const scs::commit_result result = store().commit(id, payload, in(lifetime), std::nullopt);
    EXPECT_EQ(result.result, outcome::committed);
    return result.revision;
  }

  std::string payload_of(const scs::session_id& id) {
    const std::optional<scs::record> found = store().find(id);
    return found ? found->payload : "(absent)";
  }

  std::vector<std::string> all_payloads() {
    std::vector<std::string> payloads;
    store().for_each([&](const scs::session_id&, const scs::record& record) {
      payloads.push_back(record.payload);
      return scs::visit::next;
    });
    std::sort(payloads.begin(), payloads.end());
    return payloads;
  }

 private:
  std::unique_ptr<store_fixture> fixture_ = GetParam()();
};

using std::chrono::hours;
using std::chrono::seconds;

TEST_P(store_conformance, finds_what_was_committed) {
  const auto id = new_id();
  const scs::time_point expiry = in(hours{1});
  const auto result = store().commit(id, "payload", expiry, std::nullopt);
  ASSERT_EQ(result.result, outcome::committed);
  const auto found = store().find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload");
  EXPECT_EQ(found->revision, result.revision);
  EXPECT_LT(std::chrono::abs(found->expiry - expiry), seconds{1});
}

TEST_P(store_conformance, finds_nothing_under_an_unknown_id) {
  stored(new_id());
  EXPECT_FALSE(store().find(new_id()));
}

TEST_P(store_conformance, erases_an_unknown_id_without_error) {
  EXPECT_FALSE(store().erase(new_id()));
}

TEST_P(store_conformance, gives_what_it_erased) {
  const auto id = new_id();
  const std::string revision = stored(id);
  const auto erased = store().erase(id);
  ASSERT_TRUE(erased);
  EXPECT_EQ(erased->payload, "payload");
  EXPECT_EQ(erased->revision, revision);
  EXPECT_FALSE(store().find(id));
  EXPECT_FALSE(store().erase(id));
}

TEST_P(store_conformance, keeps_an_empty_payload) {
  const auto id = new_id();
  stored(id, "");
  const auto found = store().find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "");
  EXPECT_TRUE(store().erase(id));
}

TEST_P(store_conformance, keeps_every_byte) {
  std::string payload;
  for (int byte = 0; byte < 256; ++byte)
    payload += static_cast<char>(byte);
  const auto id = new_id();
  stored(id, payload);
  EXPECT_EQ(payload_of(id), payload);
}

TEST_P(store_conformance, keeps_a_megabyte) {
  std::string payload(std::size_t{1} << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 31 >> 3);
  const auto id = new_id();
  stored(id, payload);
  EXPECT_EQ(payload_of(id), payload);
}

TEST_P(store_conformance, keeps_ids_of_any_bytes_apart) {
  const auto plain = scs::session_id::from_text("a");
  const auto longer = scs::session_id::from_text({"a\0b", 3});
  const auto other = scs::session_id::from_text("*?[\\\r\n");
  stored(plain, "1");
  stored(longer, "2");
  stored(other, "3");
  EXPECT_EQ(payload_of(plain), "1");
  EXPECT_EQ(payload_of(longer), "2");
  EXPECT_EQ(payload_of(other), "3");
}

TEST_P(store_conformance, creates_only_where_nothing_is) {
  const auto id = new_id();
  stored(id, "first");
  EXPECT_EQ(store().commit(id, "second", in(hours{1}), std::nullopt).result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "first");
}

TEST_P(store_conformance, replaces_at_the_revision_that_was_read) {
  const auto id = new_id();
  const std::string first = stored(id, "first");
  const auto second = store().commit(id, "second", in(hours{1}), first);
  ASSERT_EQ(second.result, outcome::committed);
  EXPECT_NE(second.revision, first);
  EXPECT_EQ(payload_of(id), "second");
  EXPECT_EQ(store().find(id)->revision, second.revision);
}

TEST_P(store_conformance, refuses_a_revision_that_is_past) {
  const auto id = new_id();
  const std::string first = stored(id, "first");
  ASSERT_EQ(store().commit(id, "second", in(hours{1}), first).result, outcome::committed);
  EXPECT_EQ(store().commit(id, "third", in(hours{1}), first).result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "second");
}

TEST_P(store_conformance, gives_the_same_payload_another_revision) {
  const auto id = new_id();
  const std::string first = stored(id, "same");
  const auto second = store().commit(id, "same", in(hours{1}), first);
  ASSERT_EQ(second.result, outcome::committed);
  EXPECT_NE(second.revision, first);
}

TEST_P(store_conformance, revives_nothing_by_a_commit_after_an_erase) {
  const auto id = new_id();
  const std::string revision = stored(id);
  store().erase(id);
  EXPECT_EQ(store().commit(id, "back", in(hours{1}), revision).result, outcome::gone);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, does_not_take_an_old_revision_for_a_new_record_under_the_same_id) {
  const auto id = new_id();
  const std::string before = stored(id, "before");
  store().erase(id);
  stored(id, "after");
  EXPECT_EQ(store().commit(id, "mixed up", in(hours{1}), before).result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "after");
}

TEST_P(store_conformance, takes_an_expired_record_for_absent) {
  const auto id = new_id();
  const std::string revision = stored(id, "old", seconds{10});
  advance(seconds{11});
  EXPECT_FALSE(store().find(id));
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_EQ(store().commit(id, "back", in(hours{1}), revision).result, outcome::gone);
  EXPECT_FALSE(store().erase(id));
  EXPECT_TRUE(all_payloads().empty());
  EXPECT_EQ(store().commit(id, "new", in(hours{1}), std::nullopt).result, outcome::committed);
  EXPECT_EQ(payload_of(id), "new");
}

TEST_P(store_conformance, stores_nothing_that_has_expired_already) {
  const auto id = new_id();
  EXPECT_EQ(store().commit(id, "late", in(seconds{-5}), std::nullopt).result, outcome::committed);
  EXPECT_FALSE(store().find(id));
  const std::string revision = stored(id, "live");
  EXPECT_EQ(store().commit(id, "ended", in(seconds{-5}), revision).result, outcome::committed);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, touches_without_changing_payload_or_revision) {
  const auto id = new_id();
  const std::string revision = stored(id, "payload", seconds{10});
  EXPECT_TRUE(store().touch(id, in(seconds{100})));
  advance(seconds{50});
  const auto found = store().find(id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, "payload");
  EXPECT_EQ(found->revision, revision);
  EXPECT_EQ(store().commit(id, "next", in(hours{1}), revision).result, outcome::committed);
}

TEST_P(store_conformance, never_shortens_by_a_touch) {
  const auto id = new_id();
  stored(id, "payload", seconds{100});
  EXPECT_TRUE(store().touch(id, in(seconds{10})));
  advance(seconds{50});
  EXPECT_TRUE(store().find(id));
}

TEST_P(store_conformance, revives_nothing_by_a_touch) {
  const auto id = new_id();
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_FALSE(store().find(id));
  stored(id);
  store().erase(id);
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, lowers_the_expiry_by_a_commit) {
  const auto id = new_id();
  const std::string revision = stored(id, "payload", seconds{100});
  ASSERT_EQ(store().commit(id, "payload", in(seconds{10}), revision).result, outcome::committed);
  advance(seconds{50});
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, visits_all_that_are_live) {
  for (int i = 0; i < 100; ++i)
    stored(new_id(), "live " + std::to_string(i));
  stored(new_id(), "expired", seconds{10});
  const auto erased = new_id();
  stored(erased, "erased");
  store().erase(erased);
  advance(seconds{11});
  const auto payloads = all_payloads();
  EXPECT_EQ(payloads.size(), 100U);
  EXPECT_EQ(std::set<std::string>(payloads.begin(), payloads.end()).size(), 100U);
  EXPECT_TRUE(std::all_of(payloads.begin(), payloads.end(),
                          [](const std::string& p) { return p.starts_with("live"); }));
}

TEST_P(store_conformance, visits_records_as_find_gives_them) {
  const auto id = new_id();
  stored(id);
  int visits = 0;
  store().for_each([&](const scs::session_id& visited, const scs::record& record) {
    ++visits;
    EXPECT_EQ(visited, id);
    const auto found = store().find(visited);  // a visitor may call the store
    EXPECT_TRUE(found && found->payload == record.payload && found->revision == record.revision &&
                found->expiry == record.expiry);
    store().erase(visited);
    return scs::visit::next;
  });
  EXPECT_EQ(visits, 1);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, stops_visiting_when_told_to) {
  for (int i = 0; i < 10; ++i)
    stored(new_id());
  int visits = 0;
  store().for_each([&](const scs::session_id&, const scs::record&) {
    return ++visits == 3 ? scs::visit::stop : scs::visit::next;
  });
  EXPECT_EQ(visits, 3);
}

inline void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    threads.emplace_back(body, i);
  for (std::thread& thread : threads)
    thread.join();
}

TEST_P(store_conformance, lets_one_of_many_creators_win) {
  for (int round = 0; round < 50; ++round) {
    const auto id = new_id();
    std::atomic<int> winners{0};
    run_threads(4, [&](int) {
      if (store().commit(id, "x", in(hours{1}), std::nullopt).result == outcome::committed) {
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
      if (store().commit(id, next, in(hours{1}), found->revision).result == outcome::committed) {
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
          store().commit(id, "second", in(hours{1}), revision);
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

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(store_conformance);

}  // namespace test
