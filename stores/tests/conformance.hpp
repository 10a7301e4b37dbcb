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
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <scs/nonblocking_store.hpp>
#include <scs/session_id.hpp>
#include <scs/store.hpp>
#include <scs/token.hpp>
#include <scs/value.hpp>

#include "store_front.hpp"

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

/// Commits and touches as a server does that must not block: if the store would, once more and
/// blocking.
class trying_store final : public store_front {
 public:
  explicit trying_store(scs::nonblocking_store& inner) : store_front(inner), tried_(inner) {}

  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    const auto done = tried_.try_commit(id, payload, expiry, expected_revision, user);
    return done ? *done : inner_.commit(id, payload, expiry, expected_revision, user);
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    const auto done = tried_.try_touch(id, expiry);
    return done ? *done : inner_.touch(id, expiry);
  }

 private:
  scs::nonblocking_store& tried_;
};

/// The same store, tried first.
template <class Fixture>
class trying_fixture final : public store_fixture {
 public:
  template <class... Arguments>
  explicit trying_fixture(Arguments... arguments) : behind_(arguments...) {}

  scs::store& store() override { return store_; }
  scs::time_point now() override { return behind_.now(); }
  void advance(std::chrono::seconds duration) override { behind_.advance(duration); }

 private:
  Fixture behind_;
  trying_store store_{dynamic_cast<scs::nonblocking_store&>(behind_.store())};
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
    const scs::commit_result result = store().commit(id, payload, in(lifetime), std::nullopt, "");
    EXPECT_EQ(result.result, outcome::committed);
    return result.revision;
  }

  /// As json_codec writes it: some stores find a user's sessions by what is in their payloads.
  static std::string payload_for(std::string_view user, std::string_view note = "") {
    const auto quoted = [](std::string_view text) {
      return scs::value_traits<std::string>::to_json(text);
    };
    return R"({"data":{"note":)" + quoted(note) + R"(},"deadline":2000000000000000000)" +
           (user.empty() ? "" : R"(,"user":)" + quoted(user)) + "}";
  }

  scs::commit_result commit_for(const scs::session_id& id, std::string_view user,
                                const std::optional<std::string>& expected_revision,
                                std::chrono::seconds lifetime = std::chrono::hours{1}) {
    return store().commit(id, payload_for(user, id.text()), in(lifetime), expected_revision, user);
  }

  /// A record of a user's that is there, and its revision.
  std::string stored_for(const scs::session_id& id, std::string_view user,
                         std::chrono::seconds lifetime = std::chrono::hours{1}) {
    const scs::commit_result result = commit_for(id, user, std::nullopt, lifetime);
    EXPECT_EQ(result.result, outcome::committed);
    return result.revision;
  }

  /// In ascending order.
  std::vector<scs::session_id> ids_of(std::string_view user) {
    std::vector<scs::session_id> ids;
    store().for_each_of_user(user, [&](const scs::session_id& id, const scs::record&) {
      ids.push_back(id);
      return scs::visit::next;
    });
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  static std::vector<scs::session_id> sorted(std::vector<scs::session_id> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
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
  const auto result = store().commit(id, "payload", expiry, std::nullopt, "");
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
  EXPECT_EQ(store().commit(id, "second", in(hours{1}), std::nullopt, "").result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "first");
}

TEST_P(store_conformance, replaces_at_the_revision_that_was_read) {
  const auto id = new_id();
  const std::string first = stored(id, "first");
  const auto second = store().commit(id, "second", in(hours{1}), first, "");
  ASSERT_EQ(second.result, outcome::committed);
  EXPECT_NE(second.revision, first);
  EXPECT_EQ(payload_of(id), "second");
  EXPECT_EQ(store().find(id)->revision, second.revision);
}

TEST_P(store_conformance, refuses_a_revision_that_is_past) {
  const auto id = new_id();
  const std::string first = stored(id, "first");
  ASSERT_EQ(store().commit(id, "second", in(hours{1}), first, "").result, outcome::committed);
  EXPECT_EQ(store().commit(id, "third", in(hours{1}), first, "").result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "second");
}

TEST_P(store_conformance, gives_the_same_payload_another_revision) {
  const auto id = new_id();
  const std::string first = stored(id, "same");
  const auto second = store().commit(id, "same", in(hours{1}), first, "");
  ASSERT_EQ(second.result, outcome::committed);
  EXPECT_NE(second.revision, first);
}

TEST_P(store_conformance, revives_nothing_by_a_commit_after_an_erase) {
  const auto id = new_id();
  const std::string revision = stored(id);
  store().erase(id);
  EXPECT_EQ(store().commit(id, "back", in(hours{1}), revision, "").result, outcome::gone);
  EXPECT_FALSE(store().find(id));
}

TEST_P(store_conformance, does_not_take_an_old_revision_for_a_new_record_under_the_same_id) {
  const auto id = new_id();
  const std::string before = stored(id, "before");
  store().erase(id);
  stored(id, "after");
  EXPECT_EQ(store().commit(id, "mixed up", in(hours{1}), before, "").result, outcome::conflict);
  EXPECT_EQ(payload_of(id), "after");
}

TEST_P(store_conformance, takes_an_expired_record_for_absent) {
  const auto id = new_id();
  const std::string revision = stored(id, "old", seconds{10});
  advance(seconds{11});
  EXPECT_FALSE(store().find(id));
  EXPECT_FALSE(store().touch(id, in(hours{1})));
  EXPECT_EQ(store().commit(id, "back", in(hours{1}), revision, "").result, outcome::gone);
  EXPECT_FALSE(store().erase(id));
  EXPECT_TRUE(all_payloads().empty());
  EXPECT_EQ(store().commit(id, "new", in(hours{1}), std::nullopt, "").result, outcome::committed);
  EXPECT_EQ(payload_of(id), "new");
}

TEST_P(store_conformance, stores_nothing_that_has_expired_already) {
  const auto id = new_id();
  EXPECT_EQ(store().commit(id, "late", in(seconds{-5}), std::nullopt, "").result,
            outcome::committed);
  EXPECT_FALSE(store().find(id));
  const std::string revision = stored(id, "live");
  EXPECT_EQ(store().commit(id, "ended", in(seconds{-5}), revision, "").result, outcome::committed);
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
  EXPECT_EQ(store().commit(id, "next", in(hours{1}), revision, "").result, outcome::committed);
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
  ASSERT_EQ(store().commit(id, "payload", in(seconds{10}), revision, "").result,
            outcome::committed);
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

// --- users ---

TEST_P(store_conformance, visits_all_records_of_a_user_and_no_others) {
  const auto a = new_id(), b = new_id(), c = new_id();
  stored_for(a, "tom");
  stored_for(b, "tom");
  stored_for(c, "ann");
  stored_for(new_id(), "");
  EXPECT_EQ(ids_of("tom"), sorted({a, b}));
  EXPECT_EQ(ids_of("ann"), sorted({c}));
  EXPECT_TRUE(ids_of("bob").empty());
  EXPECT_TRUE(ids_of("").empty()) << "nobody has no sessions";
  EXPECT_EQ(all_payloads().size(), 4U);
}

TEST_P(store_conformance, visits_a_users_records_as_find_gives_them) {
  const auto id = new_id();
  stored_for(id, "tom");
  int visits = 0;
  store().for_each_of_user("tom", [&](const scs::session_id& visited, const scs::record& record) {
    ++visits;
    EXPECT_EQ(visited, id);
    const auto found = store().find(visited);  // a visitor may call the store
    EXPECT_TRUE(found && found->payload == record.payload && found->revision == record.revision &&
                found->expiry == record.expiry);
    store().erase(visited);
    return scs::visit::next;
  });
  EXPECT_EQ(visits, 1);
  EXPECT_TRUE(ids_of("tom").empty());
}

TEST_P(store_conformance, stops_visiting_a_users_records_when_told_to) {
  for (int i = 0; i < 5; ++i)
    stored_for(new_id(), "tom");
  int visits = 0;
  store().for_each_of_user("tom", [&](const scs::session_id&, const scs::record&) {
    return ++visits == 2 ? scs::visit::stop : scs::visit::next;
  });
  EXPECT_EQ(visits, 2);
}

TEST_P(store_conformance, lets_exceptions_of_a_visitor_of_a_user_through) {
  stored_for(new_id(), "tom");
  EXPECT_THROW(
      store().for_each_of_user(
          "tom", [](const scs::session_id&, const scs::record&) -> scs::visit { throw 1; }),
      int);
  EXPECT_EQ(ids_of("tom").size(), 1U);
}

TEST_P(store_conformance, takes_the_user_from_the_last_commit) {
  const auto id = new_id();
  std::string revision = stored_for(id, "");
  EXPECT_TRUE(ids_of("tom").empty());
  revision = commit_for(id, "tom", revision).revision;
  EXPECT_EQ(ids_of("tom"), sorted({id}));
  revision = commit_for(id, "tom", revision).revision;
  EXPECT_EQ(ids_of("tom"), sorted({id})) << "once, after a second commit";
  revision = commit_for(id, "ann", revision).revision;
  EXPECT_TRUE(ids_of("tom").empty());
  EXPECT_EQ(ids_of("ann"), sorted({id}));
  commit_for(id, "", revision);
  EXPECT_TRUE(ids_of("ann").empty());
  EXPECT_TRUE(store().find(id));
}

TEST_P(store_conformance, keeps_the_user_when_a_commit_is_refused) {
  const auto id = new_id();
  const std::string first = stored_for(id, "tom");
  ASSERT_EQ(commit_for(id, "tom", first).result, outcome::committed);
  EXPECT_EQ(commit_for(id, "ann", first).result, outcome::conflict);
  EXPECT_EQ(commit_for(id, "ann", std::nullopt).result, outcome::conflict);
  EXPECT_EQ(commit_for(new_id(), "ann", first).result, outcome::gone);
  EXPECT_EQ(ids_of("tom"), sorted({id}));
  EXPECT_TRUE(ids_of("ann").empty());
}

TEST_P(store_conformance, forgets_the_user_of_what_is_erased_or_has_expired) {
  const auto erased = new_id(), expired = new_id(), ended = new_id(), left = new_id();
  stored_for(erased, "tom");
  stored_for(expired, "tom", seconds{10});
  const std::string revision = stored_for(ended, "tom");
  stored_for(left, "tom");
  store().erase(erased);
  EXPECT_EQ(commit_for(ended, "tom", revision, seconds{-5}).result, outcome::committed);
  advance(seconds{11});
  EXPECT_EQ(ids_of("tom"), sorted({left}));
  stored_for(erased, "ann");
  stored_for(expired, "");
  EXPECT_EQ(ids_of("tom"), sorted({left})) << "an id that comes back is its new user's";
  EXPECT_EQ(ids_of("ann"), sorted({erased}));
}

TEST_P(store_conformance, keeps_the_user_through_a_touch) {
  const auto id = new_id();
  stored_for(id, "tom", seconds{10});
  EXPECT_TRUE(store().touch(id, in(seconds{100})));
  advance(seconds{50});
  EXPECT_EQ(ids_of("tom"), sorted({id}));
  advance(seconds{51});
  EXPECT_TRUE(ids_of("tom").empty());
}

TEST_P(store_conformance, keeps_users_of_any_name_apart) {
  using namespace std::string_literals;
  const std::vector<std::string> names{"tom",
                                       "to",
                                       "tom2",
                                       "Tom",
                                       " tom",
                                       "tom ",
                                       "t*",
                                       "t?m",
                                       "[t]om",
                                       "%",
                                       "t_m",
                                       "'",
                                       "\"",
                                       "\\",
                                       "\\u0000",
                                       "a:b",
                                       "a",
                                       "b",
                                       "a/b",
                                       "{tom}",
                                       "tom\0"s,
                                       "\0"s,
                                       "\r\n",
                                       "\u00e9",
                                       "e\u0301",
                                       "\U0001F600",
                                       "null",
                                       "h:",
                                       std::string(scs::store::max_user_size, 'x'),
                                       std::string(scs::store::max_user_size - 1, 'x')};
  std::vector<scs::session_id> ids;
  for (const std::string& name : names) {
    ids.push_back(new_id());
    stored_for(ids.back(), name);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(ids_of(names[i]), sorted({ids[i]})) << testing::PrintToString(names[i]);
  }
}

TEST_P(store_conformance, keeps_many_users_apart) {
  constexpr int users = 50;
  std::vector<std::vector<scs::session_id>> ids(users);
  for (int session = 0; session < 3; ++session) {
    for (std::size_t user = 0; user < users; ++user) {
      ids[user].push_back(new_id());
      stored_for(ids[user].back(), "user " + std::to_string(user));
    }
  }
  for (std::size_t user = 0; user < users; ++user)
    EXPECT_EQ(ids_of("user " + std::to_string(user)), sorted(ids[user]));
}

// While sessions come, go and change hands: what is visited is the user's, once, and what was there
// all the time is visited.
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

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(store_conformance);

}  // namespace test
