// Rule 12 (users) of docs/session-rules.md, while sessions are renewed.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <scs/scs.hpp>

#include "manager/users.hpp"
#include "store_front.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using scs::errc;
using scs::event_kind;

TEST_F(users, are_listed_once_while_a_session_is_renewed) {
  browser visitor{world};
  log_in(visitor, "tom", "here");
  const scs::session_id before = world.sessions.sessions_of("tom").at(0).id;
  int looked = 0;
  for (const int nth : {1, 2}) {  // before the new record, and between it and the tombstone
    world.faults->before(call::commit, nth, [&] {
      ++looked;
      EXPECT_EQ(count_of("tom"), 1U);
      EXPECT_EQ(world.sessions.sessions_of("tom").at(0).id, before);
    });
  }
  const auto login = world.clock.now();
  world.clock.advance(minutes{1});
  visitor.visit([](scs::session& session) { session.renew(); });
  EXPECT_EQ(looked, 2);
  const auto listed = world.sessions.sessions_of("tom");
  ASSERT_EQ(listed.size(), 1U) << "no tombstone";
  EXPECT_NE(listed[0].id, before);
  EXPECT_EQ(listed[0].where, "here");
  EXPECT_EQ(listed[0].created, login) << "a renewal is no login";
}

TEST_F(users, win_over_a_renewal_in_flight) {
  for (const int nth : {1, 2}) {
    browser visitor{world};
    log_in(visitor, "tom");
    world.faults->before(call::commit, nth,
                         [&] { EXPECT_GE(world.sessions.revoke_all("tom"), 1U); });
    scs::session session = visitor.request();
    session.renew();
    EXPECT_SCS_ERROR(world.sessions.commit(session), errc::session_gone);
    EXPECT_EQ(find_header(world.sessions.abandon(session), "Set-Cookie"), "");
    EXPECT_EQ(count_of("tom"), 0U);
    EXPECT_TRUE(world.records().empty()) << nth;
  }
}

TEST_F(users, find_a_session_that_is_renewed_while_they_end_all) {
  for (const auto during : {call::for_each_of_user, call::find, call::commit}) {
    browser visitor{world};
    log_in(visitor, "tom");
    world.faults->before(during, 1,
                         [&] { visitor.visit([](scs::session& session) { session.renew(); }); });
    EXPECT_EQ(world.sessions.revoke_all("tom"), 1U);
    EXPECT_EQ(user_of(visitor), "");
    world.faults->forget_hooks();
  }
  for (const scs::record& left : world.records())
    EXPECT_NE(left.payload.find("moved_to"), std::string::npos) << "a session is left";
}

TEST_F(users, can_log_out_by_an_old_cookie_after_the_others_were_ended_twice) {
  browser visitor{world};
  log_in(visitor, "tom");
  const browser old{visitor};
  for (int i = 0; i < 2; ++i)
    visitor.visit([&](scs::session& session) { world.sessions.revoke_others(session); });
  EXPECT_EQ(user_of(visitor), "tom");
  scs::session session = old.request();
  session.destroy();
  EXPECT_EQ(user_of(visitor), "") << "rule 3: a logout always wins";
}

TEST_F(users, spare_the_session_that_ends_the_others_though_it_was_renewed_before) {
  browser visitor{world}, other{world};
  log_in(visitor, "tom");
  log_in(other, "tom");
  const browser tab{visitor};
  visitor.visit([](scs::session& session) { session.renew(); });
  // The request knows only a tombstone of its session.
  browser late{tab};
  late.visit([&](scs::session& session) {
    session.renew();
    session.set_user("tom");
    EXPECT_EQ(world.sessions.revoke_others(session), 2U);
  });
  EXPECT_EQ(user_of(late), "tom");
  EXPECT_EQ(user_of(visitor), "");
  EXPECT_EQ(user_of(other), "");
}

TEST_F(users, look_again_until_no_session_is_left) {
  browser first{world}, second{world};
  log_in(first, "tom");
  // A login that was begun before, and is committed while the first one is ended.
  scs::session late = second.request();
  late.set_user("tom");
  world.faults->before(call::commit, 1, [&] { second.finish(late); });
  EXPECT_EQ(world.sessions.revoke_all("tom"), 2U);
  EXPECT_EQ(user_of(second), "");
}

TEST_F(users, keep_logins_that_begin_while_they_end_all) {
  browser visitor{world};
  world.faults->before(call::for_each_of_user, 1, [&] { log_in(visitor, "tom"); });
  EXPECT_EQ(world.sessions.revoke_all("tom"), 0U);
  EXPECT_EQ(user_of(visitor), "tom");
  EXPECT_EQ(count_of("tom"), 1U);
}

TEST(users_in_threads, win_over_renewals) {
  for (int round = 0; round < 100; ++round) {
    test::world world;
    world.events.reserve(10'000);
    scs::session_manager sessions{std::make_unique<faulty_store>(world.kept),
                                  {.clock = &world.clock}};
    const auto cookie_of = [](const std::vector<scs::header>& headers) {
      const std::string set = find_header(headers, "Set-Cookie");
      return set.substr(0, set.find(';'));
    };
    scs::session login = sessions.load(std::string_view{});
    login.set_user("tom");
    std::string cookie = cookie_of(sessions.commit(login));
    std::thread renewing{[&] {
      for (int i = 0; i < 20; ++i) {
        scs::session session = sessions.load(cookie);
        if (session.user().empty()) return;
        session.renew();
        try {
          cookie = cookie_of(sessions.commit(session));
        } catch (const scs::error&) {
          return;
        }
      }
    }};
    sessions.revoke_all("tom");
    renewing.join();
    scs::session last = sessions.load(cookie);
    EXPECT_EQ(last.user(), "");
    EXPECT_TRUE(sessions.sessions_of("tom").empty());
    for (const scs::record& left : world.records())
      EXPECT_NE(left.payload.find("moved_to"), std::string::npos) << "a session is left";
  }
}

/// Lists like a store that needs several calls: first the ids and, after `between`, each record.
class slow_listing final : public store_front {
 public:
  explicit slow_listing(const scs::clock& clock) : store_front(kept_), kept_({.clock = &clock}) {}

  std::function<void()> between = [] {};

  void for_each_of_user(std::string_view user, const visitor& visit_record) override {
    const auto ids = ids_of(user);
    std::exchange(between, [] {})();
    const auto now = ids_of(user);
    for (const scs::session_id& id : ids) {
      if (now.contains(id)) visit_record(id, kept_.find(id).value());
    }
  }

 private:
  std::set<scs::session_id> ids_of(std::string_view user) {
    std::set<scs::session_id> ids;
    kept_.for_each_of_user(user, [&](const scs::session_id& id, const scs::record&) {
      ids.insert(id);
      return scs::visit::next;
    });
    return ids;
  }

  scs::stores::memory kept_;
};

TEST(users_of_a_slow_list, are_found_though_renewed_meanwhile) {
  for (const scs::id_mode ids : {scs::id_mode::hashed, scs::id_mode::raw}) {
    const session_clock clock;
    auto owned = std::make_unique<slow_listing>(clock);
    slow_listing& store = *owned;
    scs::session_manager sessions{std::move(owned), {.ids = ids, .clock = &clock}};
    std::string cookie;
    const auto visit = [&](auto handler) {
      scs::session session = sessions.load(cookie);
      handler(session);
      const std::string set = find_header(sessions.commit(session), "Set-Cookie");
      if (!set.empty()) cookie = set.substr(0, set.find(';'));
    };
    const auto renew = [&] { visit([](scs::session& session) { session.renew(); }); };
    visit([](scs::session& session) { session.set_user("tom"); });

    if (ids == scs::id_mode::hashed) {
      store.between = renew;
      EXPECT_EQ(sessions.sessions_of("tom").size(), 1U) << "its tombstone leads to it";
    }
    store.between = renew;
    const std::size_t revoked = sessions.revoke_all("tom");
    if (ids == scs::id_mode::hashed) {
      EXPECT_EQ(revoked, 1U);
    }
    visit([](scs::session& session) { EXPECT_EQ(session.user(), ""); });
  }
}

/// Does something that a visitor or an operator can do. The session is not committed yet.
void do_something(scs::session_manager& sessions, scs::session& session, const std::string& name,
                  std::minstd_rand& random, unsigned seed) {
  switch (random() % 8) {
    case 0:
    case 1:
      session.renew();
      session.set_user(name, "seed " + std::to_string(seed));
      break;
    case 2:
      session.renew();
      break;
    case 3:
      session.destroy();
      break;
    case 4:
      sessions.revoke_others(session);
      break;
    case 5:
      if (random() % 8 == 0) sessions.revoke_all(name);
      break;
    case 6:
      for (const scs::user_session& listed : sessions.sessions_of(name))
        EXPECT_NE(listed.where, "");
      break;
    default:
      sessions.iterate(name, [&](scs::session& visited) {
        EXPECT_EQ(visited.user(), name);
        visited.put("visited", seed);
        return scs::visit::next;
      });
  }
}

TEST_F(users, are_listed_without_asking_for_each_tombstone) {
  browser visitor{world};
  log_in(visitor, "tom");
  for (int i = 0; i < 50; ++i)
    visitor.visit([](scs::session& session) { session.renew(); });
  const int before = world.faults->calls();
  EXPECT_EQ(count_of("tom"), 1U);
  EXPECT_LE(world.faults->calls() - before, 3) << "the watermark, the list, the last session";
}

// Everything concurrently: after any order of the calls, the lists agree with the sessions.
TEST(users_in_threads, have_lists_that_agree_with_their_sessions) {
  const auto figures = std::make_shared<scs::metrics>();
  scs::session_manager sessions{std::make_unique<scs::stores::memory>(),
                                {.max_sessions_per_user = 5, .metrics = figures}};
  const std::array<std::string, 2> names{"tom", "ann"};
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::minstd_rand random{seed};
      std::string cookie;
      for (int i = 0; i < 300; ++i) {
        const std::string& name = names.at(random() % 2);
        scs::session session = sessions.load(cookie);
        std::vector<scs::header> headers;
        try {
          do_something(sessions, session, name, random, seed);
          headers = sessions.commit(session);
        } catch (const scs::error& failure) {
          EXPECT_EQ(failure.code(), errc::session_gone);
          headers = sessions.abandon(session);
        }
        const std::string set = find_header(headers, "Set-Cookie");
        if (!set.empty()) cookie = set.substr(0, set.find(';'));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  std::map<std::string, std::set<std::string>> found;
  sessions.iterate([&](scs::session& session) {
    found[session.user()].insert(text_of(session.id()));
    return scs::visit::next;
  });
  for (const std::string& name : names) {
    std::set<std::string> listed;
    for (const scs::user_session& session : sessions.sessions_of(name))
      listed.insert(text_of(session.id));
    EXPECT_EQ(listed, found[name]);
    EXPECT_LE(listed.size(), 5U);
    sessions.revoke_all(name);
    EXPECT_TRUE(sessions.sessions_of(name).empty());
  }
  EXPECT_EQ(figures->events(event_kind::cleanup_failed), 0U);
}

}  // namespace

}  // namespace test
