#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/near_cache.hpp>

#include "conformance/conformance.hpp"
#include "faulty_store.hpp"
#include "session_clock.hpp"
#include "store_front.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using call = faulty_store::call;
using outcome = scs::commit_result::outcome;
using scs::stores::near_cache;

/// A cache on a store that others change as well. The clock does not move.
class world {
 public:
  explicit world(scs::stores::near_cache_options options = {}) {
    options.clock = &clock;
    shared = std::make_shared<scs::stores::memory>(scs::stores::memory_options{.clock = &clock});
    auto front = std::make_unique<faulty_store>(shared);
    behind = front.get();
    cache = std::make_unique<near_cache>(std::move(front), options);
  }

  std::string stored(const scs::session_id& id, std::string_view payload = "payload") {
    return cache->commit(id, payload, in(1h), std::nullopt, "").revision;
  }
  std::string payload_of(const scs::session_id& id) {
    const auto found = cache->find(id);
    return found ? found->payload : "(absent)";
  }
  int finds() const { return behind->calls(call::find); }
  scs::time_point in(std::chrono::nanoseconds duration) { return clock.now() + duration; }

  session_clock clock;
  std::shared_ptr<scs::stores::memory> shared;
  faulty_store* behind = nullptr;
  std::unique_ptr<near_cache> cache;
};

near_cache in_front_of_memory(const scs::clock& clock) {
  return near_cache{
      std::make_unique<scs::stores::memory>(scs::stores::memory_options{.clock = &clock}),
      {.clock = &clock}};
}

INSTANTIATE_TEST_SUITE_P(near_cache, store_conformance,
                         testing::Values(on_a_turned_clock(in_front_of_memory)),
                         [](const auto&) { return "near_cache"; });

scs::session_id new_id() {
  return scs::token::generate().id();
}

TEST(near_cache, asks_the_store_behind_once_while_a_copy_is_young) {
  world w;
  const auto id = new_id();
  w.stored(id);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(w.payload_of(id), "payload");
  EXPECT_EQ(w.finds(), 1);
  w.clock.advance(999ms);
  EXPECT_EQ(w.payload_of(id), "payload");
  EXPECT_EQ(w.finds(), 1);
  w.clock.advance(1ms);
  EXPECT_EQ(w.payload_of(id), "payload");
  EXPECT_EQ(w.finds(), 2);
  EXPECT_EQ(w.cache->statistics().hits, 10U);
  EXPECT_EQ(w.cache->statistics().misses, 2U);
}

TEST(near_cache, keeps_no_absence) {
  world w;
  const auto id = new_id();
  EXPECT_FALSE(w.cache->find(id));
  w.shared->commit(id, "payload", w.in(1h), std::nullopt, "");
  EXPECT_EQ(w.payload_of(id), "payload");
}

TEST(near_cache, serves_nothing_that_it_changed) {
  world w;
  const auto id = new_id();
  std::string revision = w.stored(id, "0");
  for (int i = 1; i < 5; ++i) {
    EXPECT_EQ(w.payload_of(id), std::to_string(i - 1));
    revision = w.cache->commit(id, std::to_string(i), w.in(1h), revision, "").revision;
    EXPECT_EQ(w.payload_of(id), std::to_string(i));
  }
  w.cache->touch(id, w.in(2h));
  EXPECT_EQ(w.cache->find(id)->expiry, w.in(2h));
  w.cache->erase(id);
  EXPECT_FALSE(w.cache->find(id));
}

TEST(near_cache, serves_nothing_that_a_failed_call_may_have_changed) {
  world w;
  const auto id = new_id();
  w.stored(id);
  EXPECT_TRUE(w.cache->find(id));
  // It is erased, and then the answer is lost.
  w.behind->before(call::erase, 1, [&] {
    w.shared->erase(id);
    throw scs::error(scs::errc::store_failed, "lost");
  });
  EXPECT_THROW(w.cache->erase(id), scs::error);
  EXPECT_FALSE(w.cache->find(id));
}

TEST(near_cache, sees_the_changes_of_others_when_the_copy_is_old) {
  world w;
  const auto id = new_id();
  w.stored(id);
  EXPECT_TRUE(w.cache->find(id));
  w.shared->erase(id);
  EXPECT_TRUE(w.cache->find(id)) << "the price";
  w.clock.advance(1s);
  EXPECT_FALSE(w.cache->find(id));
}

TEST(near_cache, gives_the_store_s_state_after_a_conflict) {
  world w;
  const auto id = new_id();
  const std::string old = w.stored(id, "mine");
  EXPECT_EQ(w.payload_of(id), "mine");
  w.shared->commit(id, "theirs", w.in(1h), old, "");
  const auto cached = w.cache->find(id);
  EXPECT_EQ(cached->payload, "mine");
  EXPECT_EQ(w.cache->commit(id, "next", w.in(1h), cached->revision, "").result, outcome::conflict);
  EXPECT_EQ(w.payload_of(id), "theirs");
  w.shared->erase(id);
  EXPECT_EQ(w.cache->commit(id, "next", w.in(1h), w.cache->find(id)->revision, "").result,
            outcome::gone);
  EXPECT_FALSE(w.cache->find(id));
}

TEST(near_cache, keeps_nothing_that_was_read_while_it_was_being_changed) {
  for (const char* change : {"commit", "touch", "erase"}) {
    world w;
    const auto id = new_id();
    const std::string revision = w.stored(id, "old");
    const auto run = [&] {
      if (change == std::string{"commit"}) {
        w.cache->commit(id, "new", w.in(2h), revision, "");
      } else if (change == std::string{"touch"}) {
        w.cache->touch(id, w.in(2h));
      } else {
        w.cache->erase(id);
      }
    };
    // The store has answered. Before the copy is kept, the change begins and ends.
    class slow_reader final : public scs::store {
     public:
      slow_reader(std::shared_ptr<scs::store> inner, std::function<void()> after)
          : inner_(std::move(inner)), after_(std::move(after)) {}
      std::optional<scs::record> find(const scs::session_id& id) override {
        auto found = inner_->find(id);
        if (after_) std::exchange(after_, nullptr)();
        return found;
      }
      scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                                scs::time_point expiry, const std::optional<std::string>& expected,
                                std::string_view user) override {
        return inner_->commit(id, payload, expiry, expected, user);
      }
      bool touch(const scs::session_id& id, scs::time_point expiry) override {
        return inner_->touch(id, expiry);
      }
      std::optional<scs::record> erase(const scs::session_id& id) override {
        return inner_->erase(id);
      }
      void for_each(const visitor&) override {}
      void for_each_of_user(std::string_view, const visitor&) override {}

     private:
      std::shared_ptr<scs::store> inner_;
      std::function<void()> after_;
    };
    w.cache = std::make_unique<near_cache>(std::make_unique<slow_reader>(w.shared, run),
                                           scs::stores::near_cache_options{.clock = &w.clock});
    const auto first = w.cache->find(id);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->payload, "old") << "it was so when it was read";
    const auto second = w.cache->find(id);
    const auto real = w.shared->find(id);
    ASSERT_EQ(second.has_value(), real.has_value()) << change;
    if (real) {
      EXPECT_EQ(second->payload, real->payload) << change;
      EXPECT_EQ(second->expiry, real->expiry) << change;
    }
  }
}

TEST(near_cache, keeps_nothing_that_was_read_during_a_change) {
  world w;
  const auto id = new_id();
  w.stored(id);
  // Another thread finds it before the erasure reaches the store.
  w.behind->before(call::erase, 1,
                   [&] { std::thread{[&] { EXPECT_TRUE(w.cache->find(id)); }}.join(); });
  w.cache->erase(id);
  EXPECT_FALSE(w.cache->find(id));
}

TEST(near_cache, serves_nothing_that_has_expired) {
  world w{{.max_age = 1h}};
  const auto id = new_id();
  w.cache->commit(id, "payload", w.in(10s), std::nullopt, "");
  EXPECT_TRUE(w.cache->find(id));
  w.clock.advance(10s);
  EXPECT_FALSE(w.cache->find(id));
}

TEST(near_cache, asks_again_when_the_clock_was_set_back) {
  world w;
  const auto id = new_id();
  w.stored(id);
  w.cache->find(id);
  w.clock.advance(-10s);
  w.cache->find(id);
  EXPECT_EQ(w.finds(), 2);
}

TEST(near_cache, takes_no_more_memory_than_it_may) {
  constexpr std::size_t limit = 1'000'000;
  world w{{.max_age = 1h, .max_bytes = limit}};
  std::vector<scs::session_id> ids;
  for (int i = 0; i < 3000; ++i) {
    ids.push_back(new_id());
    w.stored(ids.back(), std::string(1000, 'x'));
    w.cache->find(ids.back());
    EXPECT_LE(w.cache->bytes(), limit);
  }
  EXPECT_GT(w.cache->bytes(), limit / 2);
  const int before = w.finds();
  for (auto it = ids.rbegin(); it != ids.rbegin() + 100; ++it)
    w.cache->find(*it);
  EXPECT_LT(w.finds() - before, 20) << "the oldest went first";

  const auto large = new_id();
  w.stored(large, std::string(limit / 50, 'x'));
  const int before_large = w.finds();
  w.cache->find(large);
  w.cache->find(large);
  EXPECT_EQ(w.finds() - before_large, 2) << "served, not kept";
  for (const auto& id : ids)
    w.cache->erase(id);
  EXPECT_EQ(w.cache->bytes(), 0U);
}

TEST(near_cache, passes_failures_through_and_serves_copies_meanwhile) {
  world w;
  const auto known = new_id();
  w.stored(known);
  w.cache->find(known);
  w.behind->before_every(call::find,
                         [] { throw scs::error(scs::errc::store_failed, "the store is down"); });
  EXPECT_TRUE(w.cache->find(known));
  EXPECT_THROW(w.cache->find(new_id()), scs::error);
  w.clock.advance(1s);
  EXPECT_THROW(w.cache->find(known), scs::error);
}

TEST(near_cache, refuses_options_that_make_no_sense) {
  const auto code_of = [](auto make) {
    try {
      make();
    } catch (const scs::error& failure) {
      return failure.code() == scs::errc::invalid_options;
    }
    return false;
  };
  const auto memory = [] { return std::make_unique<scs::stores::memory>(); };
  EXPECT_TRUE(code_of([&] { near_cache{nullptr}; }));
  EXPECT_TRUE(code_of([&] { near_cache(memory(), {.max_age = 0ms}); }));
  EXPECT_TRUE(code_of([&] { near_cache(memory(), {.max_bytes = 0}); }));
}

// The guarantee under load: an older copy never hides what this object has acknowledged.
TEST(near_cache, never_goes_back_in_time_under_many_threads) {
  world w;
  std::vector<scs::session_id> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(new_id());
    w.stored(ids.back(), "0");
  }
  std::array<std::atomic<int>, 4> acknowledged{};
  std::atomic<bool> stopping{false};
  std::atomic<int> wrong{0};
  std::array<std::atomic<int>, 3> rounds{};
  std::vector<std::thread> readers;
  for (std::size_t t = 0; t < rounds.size(); ++t) {
    readers.emplace_back([&, t] {
      for (; !stopping; ++rounds[t]) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
          const int least = acknowledged[i];
          if (std::stoi(w.cache->find(ids[i])->payload) < least) ++wrong;
        }
      }
    });
  }
  // Until all threads have run for a while.
  const auto busy = [&] {
    return std::any_of(rounds.begin(), rounds.end(), [](const auto& done) { return done < 300; });
  };
  for (int value = 1; value <= 3000 || busy(); ++value) {
    const std::size_t i = static_cast<std::size_t>(value) % ids.size();
    const auto found = w.cache->find(ids[i]);
    const auto done = w.cache->commit(ids[i], std::to_string(value), w.in(1h), found->revision, "");
    ASSERT_EQ(done.result, outcome::committed);
    acknowledged[i] = value;
  }
  stopping = true;
  for (std::thread& reader : readers)
    reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(w.cache->statistics().hits, 0U);
}

TEST(near_cache, works_behind_a_session_manager) {
  auto memory = std::make_unique<scs::stores::memory>();
  scs::session_manager sessions{std::make_unique<near_cache>(std::move(memory))};
  scs::session first = sessions.load("");
  first.put("count", 1);
  sessions.commit(first);
  const std::string cookie = sessions.cookie_name() + "=" + first.token();
  for (int i = 1; i < 10; ++i) {
    scs::session session = sessions.load(cookie);
    EXPECT_EQ(session.get<int>("count"), i);
    session.put("count", i + 1);
    sessions.commit(session);
  }
  scs::session last = sessions.load(cookie);
  last.destroy();
  scs::session after = sessions.load(cookie);
  EXPECT_FALSE(after.get<int>("count"));
}

/// Two web servers with one store, each with its own cache.
struct two_servers {
  explicit two_servers(bool pairs = true) {
    for (auto* const which : {&here, &there}) {
      std::unique_ptr<scs::store> front;
      if (pairs) {
        front = std::make_unique<pairing_store>(shared, clock);
      } else {
        front = std::make_unique<store_front>(shared);
      }
      *which = std::make_unique<scs::session_manager>(
          std::make_unique<near_cache>(std::move(front),
                                       scs::stores::near_cache_options{.clock = &clock}),
          scs::session_options{.cookie = {.secure = false}, .clock = &clock});
    }
  }

  /// Returns the cookie of a new session of the user, committed at one of them.
  std::string log_in(scs::session_manager& at, std::string_view user) const {
    scs::session session = at.load("");
    session.set_user(user);
    at.commit(session);
    return at.cookie_name() + "=" + session.token();
  }

  /// Counts how often both are looked up at once.
  class pairing_store final : public store_front,
                              public scs::watermark_finder,
                              public scs::store_clock {
   public:
    pairing_store(scs::store& inner, const scs::clock& clock) : store_front(inner), clock_(clock) {}
    scs::session_with_watermark find_with_watermark(const scs::session_id& id) override {
      ++asked;
      scs::session_with_watermark both{.session = inner_.find(id), .user = "tom"};
      both.watermark = inner_.find(scs::watermark_id("tom"));
      if (after) std::exchange(after, nullptr)();
      return both;
    }
    scs::time_point engine_time(const scs::session_id&) override { return clock_.now(); }

    int asked = 0;
    std::function<void()> after{};

   private:
    const scs::clock& clock_;
  };

  pairing_store& store_of(scs::session_manager& manager) const {
    auto& cache = dynamic_cast<near_cache&>(manager.store());
    return dynamic_cast<pairing_store&>(cache.behind());
  }

  session_clock clock;
  scs::stores::memory shared{{.clock = &clock}};
  std::unique_ptr<scs::session_manager> here, there;
};

std::string user_of(scs::session_manager& at, const std::string& cookie) {
  return at.load(std::string_view{cookie}).user();
}

TEST(near_cache, keeps_the_watermark_that_comes_with_a_session) {
  two_servers all;
  const std::string cookie = all.log_in(*all.here, "tom");
  EXPECT_EQ(user_of(*all.here, cookie), "tom");
  EXPECT_EQ(all.store_of(*all.here).asked, 1);
  const auto& cache = dynamic_cast<near_cache&>(all.here->store());
  const auto misses = cache.statistics().misses;
  EXPECT_EQ(user_of(*all.here, cookie), "tom");
  EXPECT_EQ(cache.statistics().misses, misses) << "both are copies";
}

TEST(near_cache, hides_a_revocation_elsewhere_for_no_longer_than_its_age) {
  for (const bool pairs : {true, false}) {
    for (const auto asked_again_after : {0ms, 999ms}) {
      two_servers all{pairs};
      const std::string cookie = all.log_in(*all.here, "tom");
      EXPECT_EQ(user_of(*all.here, cookie), "tom");
      all.clock.advance(asked_again_after);
      EXPECT_EQ(user_of(*all.here, cookie), "tom");
      // Only the watermark: the record remains, as if a failover had lost its erasure.
      const auto id = scs::token::parse(cookie.substr(cookie.find('=') + 1))->id();
      const scs::record kept = all.shared.find(id).value();
      all.there->revoke_all("tom");
      all.shared.commit(id, kept.payload, kept.expiry, std::nullopt, "tom");
      EXPECT_EQ(user_of(*all.there, cookie), "") << "who has revoked it knows of it";
      all.clock.advance(1000ms - asked_again_after);
      EXPECT_EQ(user_of(*all.here, cookie), "");
    }
  }
}

TEST(near_cache, lets_no_revoked_session_act_through_a_fresh_load) {
  for (const bool pairs : {true, false}) {
    two_servers all{pairs};
    const std::string cookie = all.log_in(*all.here, "tom");
    EXPECT_EQ(user_of(*all.here, cookie), "tom");
    all.there->revoke_all("tom");
    scs::session copied = all.here->load(std::string_view{cookie});
    EXPECT_EQ(copied.user(), "tom") << "the price of a near cache";
    EXPECT_THROW(copied.load_fresh(), scs::error);
    scs::session fresh = all.here->load(std::string_view{cookie});
    fresh.load_fresh();
    EXPECT_EQ(fresh.user(), "");
    EXPECT_EQ(user_of(*all.here, cookie), "") << "the copy is gone, too";
  }
}

TEST(near_cache, keeps_no_watermark_that_was_read_during_a_revocation) {
  two_servers all;
  const std::string cookie = all.log_in(*all.here, "tom");
  // The store has answered without a watermark. Before the copy is kept, the revocation comes.
  all.store_of(*all.here).after = [&] { all.here->revoke_all("tom"); };
  EXPECT_EQ(user_of(*all.here, cookie), "tom") << "it was so when it was read";
  all.clock.advance(500ms);
  const std::string again = all.log_in(*all.there, "tom");
  const auto id = scs::token::parse(cookie.substr(cookie.find('=') + 1))->id();
  scs::record revived =
      all.shared.find(scs::token::parse(again.substr(again.find('=') + 1))->id()).value();
  const std::size_t begun = revived.payload.find("\"begun\":") + 8;
  revived.payload.replace(begun, revived.payload.find_first_of(",}", begun) - begun, "1");
  all.shared.commit(id, revived.payload, revived.expiry, std::nullopt, "tom");
  EXPECT_EQ(user_of(*all.here, cookie), "") << "a copy of the watermark's absence was kept";
}

TEST(near_cache, forgets_a_copy_also_while_it_is_being_read) {
  two_servers all;
  auto& cache = dynamic_cast<near_cache&>(all.here->store());
  const auto id = new_id();
  const auto revision =
      all.shared.commit(id, "old", all.clock.now() + 1h, std::nullopt, "").revision;
  all.store_of(*all.here).after = [&] {
    all.shared.commit(id, "new", all.clock.now() + 1h, revision, "");
    cache.forget(id);
  };
  EXPECT_EQ(cache.find_with_watermark(id).session->payload, "old");
  EXPECT_EQ(cache.find(id)->payload, "new");
}

}  // namespace

}  // namespace test
