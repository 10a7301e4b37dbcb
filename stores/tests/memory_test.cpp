#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <scs/error.hpp>
#include <scs/scs.hpp>
#include <scs/stores/memory.hpp>

#include "conformance/conformance.hpp"
#include "limits_suite.hpp"
#include "session_clock.hpp"

namespace test {

namespace {

INSTANTIATE_TEST_SUITE_P(memory, store_conformance,
                         testing::Values(on_a_turned_clock([](const scs::clock& clock) {
                           return scs::stores::memory{{.clock = &clock}};
                         })),
                         [](const auto&) { return "memory"; });

INSTANTIATE_TEST_SUITE_P(memory, limited_store,
                         testing::Values(on_a_turned_clock([](const scs::clock& clock) {
                           return scs::stores::memory{
                               {.max_anonymous_sessions = 2, .clock = &clock}};
                         })),
                         [](const auto&) { return "memory"; });

TEST(expired_sessions_of_memory, are_counted_without_tombstones_whether_events_are_told_or_not) {
  session_clock clock;
  const auto figures = std::make_shared<scs::metrics>();
  scs::session_options options;
  options.lifetime = hours{1};
  options.clock = &clock;
  options.report_expired_sessions = true;
  options.metrics = figures;
  auto owned = std::make_unique<scs::stores::memory>(scs::stores::memory_options{.clock = &clock});
  scs::stores::memory& store = *owned;
  scs::session_manager sessions{std::move(owned), std::move(options)};
  scs::session session = sessions.load(std::string_view{});
  session.put("a", 1);
  sessions.commit(session);
  scs::session next = sessions.load(sessions.cookie_name() + "=" + session.token());
  next.renew();
  sessions.commit(next);
  clock.advance(std::chrono::minutes{2});
  EXPECT_EQ(store.remove_expired(100'000), 1U) << "the tombstone";
  EXPECT_EQ(figures->events(scs::event_kind::expired), 0U);
  clock.advance(hours{2});
  EXPECT_EQ(store.remove_expired(100'000), 1U);
  EXPECT_EQ(figures->events(scs::event_kind::expired), 1U);
}

TEST(expired_sessions_of_memory, are_told_with_their_user_when_they_are_removed) {
  session_clock clock;
  std::vector<scs::event> events;
  scs::session_options options;
  options.lifetime = hours{1};
  options.clock = &clock;
  options.report_expired_sessions = true;
  options.on_event = [&](const scs::event& happened) { events.push_back(happened); };
  auto owned = std::make_unique<scs::stores::memory>(scs::stores::memory_options{.clock = &clock});
  scs::stores::memory& store = *owned;
  scs::session_manager sessions{std::move(owned), std::move(options)};
  scs::session session = sessions.load(std::string_view{});
  session.set_user("tom");
  sessions.commit(session);
  const scs::session_id id = session.id();
  events.clear();
  clock.advance(hours{2});
  EXPECT_TRUE(events.empty());
  EXPECT_EQ(store.remove_expired(100'000), 1U);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, scs::event_kind::expired);
  EXPECT_EQ(events[0].user, "tom");
  EXPECT_EQ(events[0].id, id);
}

scs::session_id id_number(int i) {
  return scs::session_id::from_text(std::to_string(i));
}

TEST(memory_store, refuses_sessions_over_its_limit) {
  session_clock clock;
  scs::stores::memory store{{.max_sessions = 2, .clock = &clock}};
  store.commit(id_number(1), "", clock.now() + seconds{10}, std::nullopt, "");
  const auto second = store.commit(id_number(2), "", clock.now() + seconds{99}, std::nullopt, "");
  try {
    store.commit(id_number(3), "", clock.now() + seconds{10}, std::nullopt, "");
    FAIL() << "accepted a third";
  } catch (const scs::error& failure) {
    EXPECT_EQ(failure.code(), scs::errc::store_full);
  }
  EXPECT_EQ(store.size(), 2U);
  EXPECT_EQ(
      store.commit(id_number(2), "changed", clock.now() + seconds{99}, second.revision, "").result,
      scs::commit_result::outcome::committed);

  clock.advance(seconds{11});  // the first has expired
  EXPECT_EQ(store.commit(id_number(3), "", clock.now() + seconds{10}, std::nullopt, "").result,
            scs::commit_result::outcome::committed);
  EXPECT_EQ(store.size(), 2U);
}

TEST(memory_store, takes_no_place_for_what_it_does_not_keep) {
  session_clock clock;
  scs::stores::memory store{{.clock = &clock}};
  store.commit(id_number(1), "", clock.now() + seconds{10}, std::nullopt, "");
  store.commit(id_number(1), "", clock.now() + seconds{10}, std::nullopt, "");  // conflict
  store.commit(id_number(2), "", clock.now(), std::nullopt, "");                // already expired
  EXPECT_EQ(store.size(), 1U);
  store.erase(id_number(1));
  EXPECT_EQ(store.size(), 0U);
}

TEST(memory_store, removes_what_has_expired_while_new_sessions_come) {
  session_clock clock;
  scs::stores::memory store{{.clock = &clock}};
  for (int i = 0; i < 10'000; ++i) {
    store.commit(id_number(i), "", clock.now() + seconds{10}, std::nullopt, "");
    clock.advance(std::chrono::milliseconds{100});
  }
  EXPECT_LT(store.size(), 1000U) << "a hundred are live at a time";
}

TEST(memory_store, removes_what_has_expired_on_demand_in_bounded_steps) {
  session_clock clock;
  scs::stores::memory store{{.clock = &clock}};
  for (int i = 0; i < 10'000; ++i) {
    store.commit(id_number(i), "", clock.now() + seconds{10}, std::nullopt, "");
  }
  clock.advance(seconds{11});
  const std::size_t removed = store.remove_expired(1000);
  EXPECT_GT(removed, 100U);
  EXPECT_LT(removed, 3000U);
  while (store.remove_expired(1000) != 0) {
  }
  EXPECT_LT(store.size(), 100U);
  store.remove_expired(100'000);
  EXPECT_EQ(store.size(), 0U);
}

TEST(memory_store, forgets_users_whose_sessions_were_removed) {
  session_clock clock;
  scs::stores::memory store{{.clock = &clock}};
  for (int i = 0; i < 100; ++i)
    store.commit(id_number(i), "", clock.now() + seconds{10}, std::nullopt, "tom");
  clock.advance(seconds{11});
  while (store.size() != 0)
    store.remove_expired(100);
  store.commit(id_number(7), "", clock.now() + seconds{10}, std::nullopt, "ann");
  int of_tom = 0;
  store.for_each_of_user("tom", [&](const scs::session_id&, const scs::record&) {
    ++of_tom;
    return scs::visit::next;
  });
  EXPECT_EQ(of_tom, 0);
}

}  // namespace

}  // namespace test
