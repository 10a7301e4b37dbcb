// How long a session lives, keys with a type, messages that are shown once, and calls that change
// nothing.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/gob_codec.hpp>

#include "session/rules.hpp"

namespace test {

namespace {

using call = faulty_store::call;
using testing::ElementsAre;
using testing::HasSubstr;

struct session_lifetime : testing::Test {
  /// Lets this time pass and returns whether the session is still there.
  bool lives_after(nanoseconds time) {
    world.clock.advance(time);
    return visitor.get<int>("n").has_value();
  }
  void begin(const std::function<void(scs::session&)>& log_in) {
    visitor.visit([&](scs::session& session) {
      session.put("n", 1);
      log_in(session);
    });
  }
  /// Makes a request without changes, which is committed.
  void look() {
    visitor.visit([](scs::session& session) { session.exists("n"); });
  }

  mutable test::world world{{.lifetime = hours{24 * 30}}};
  browser visitor{world};
};

TEST_F(session_lifetime, ends_after_an_idle_timeout_of_its_own) {
  begin([](scs::session& session) {
    session.set_idle_timeout(minutes{30});
    EXPECT_EQ(session.idle_timeout(), minutes{30});
  });
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(lives_after(minutes{25}));
    look();
  }
  EXPECT_FALSE(lives_after(minutes{30}));
}

TEST_F(session_lifetime, is_not_beyond_its_deadline_however_active) {
  begin([](scs::session& session) {
    session.set_idle_timeout(hours{10});
    session.expire_after(hours{12});
  });
  EXPECT_TRUE(lives_after(hours{8}));
  look();
  EXPECT_FALSE(lives_after(hours{4}));
}

TEST_F(session_lifetime, takes_the_place_of_the_managers_idle_timeout) {
  test::world strict{{.lifetime = hours{24}, .idle_timeout = minutes{20}}};
  browser other{strict};
  other.visit([](scs::session& session) {
    session.put("n", 1);
    session.set_idle_timeout(nanoseconds{0});
  });
  strict.clock.advance(hours{20});
  EXPECT_TRUE(other.get<int>("n"));
  other.visit([](scs::session& session) { session.set_idle_timeout(std::nullopt); });
  strict.clock.advance(minutes{20});
  EXPECT_FALSE(other.get<int>("n"));
}

TEST_F(session_lifetime, can_be_shortened_and_lengthened) {
  begin([](scs::session& session) { session.set_idle_timeout(hours{5}); });
  visitor.visit([](scs::session& session) { session.set_idle_timeout(minutes{5}); });
  EXPECT_TRUE(lives_after(minutes{4}));
  visitor.visit([](scs::session& session) { session.set_idle_timeout(hours{5}); });
  EXPECT_TRUE(lives_after(hours{4}));
  visitor.visit([](scs::session& session) { session.set_idle_timeout(minutes{5}); });
  EXPECT_FALSE(lives_after(minutes{5}));
}

TEST_F(session_lifetime, is_kept_by_a_renewal_and_by_requests_that_change_something) {
  begin([](scs::session& session) { session.set_idle_timeout(minutes{30}); });
  visitor.visit([](scs::session& session) {
    session.set_user("ann");
    session.put("n", 2);
  });
  visitor.visit([](scs::session& session) { session.put("n", 3); });
  EXPECT_TRUE(lives_after(minutes{29}));
  EXPECT_FALSE(lives_after(minutes{30}));
}

TEST_F(session_lifetime, is_not_extended_by_passive_requests) {
  begin([](scs::session& session) { session.set_idle_timeout(minutes{30}); });
  world.clock.advance(minutes{20});
  visitor.visit([](scs::session& session) {
    session.set_passive();
    session.put("n", 2);
  });
  EXPECT_FALSE(lives_after(minutes{10}));
}

// Their sum with the present time exceeds a time_point.
TEST_F(session_lifetime, can_be_as_long_as_numbers_go) {
  begin([](scs::session& session) {
    session.set_idle_timeout(nanoseconds::max());
    session.set_deadline(scs::time_point::max());
  });
  EXPECT_TRUE(lives_after(hours{24 * 365}));
  look();
  visitor.visit(
      [](scs::session& session) { session.set_idle_timeout(nanoseconds::max() - hours{1}); });
  EXPECT_TRUE(lives_after(hours{24 * 365}));
  visitor.visit([](scs::session& session) { session.renew(); });
  EXPECT_TRUE(lives_after(hours{24}));
}

/// Sets the idle timeout in a request that does not count as activity.
struct idle_timeout_of_a_passive_request : session_lifetime, testing::WithParamInterface<bool> {
  void set(std::optional<nanoseconds> timeout) {
    if (GetParam()) {
      world.sessions.iterate([&](scs::session& session) {
        session.set_idle_timeout(timeout);
        return scs::visit::next;
      });
      return;
    }
    visitor.visit([&](scs::session& session) {
      session.set_passive();
      session.set_idle_timeout(timeout);
    });
  }
};

TEST_P(idle_timeout_of_a_passive_request, can_be_switched_off) {
  begin([](scs::session& session) { session.set_idle_timeout(minutes{30}); });
  set(nanoseconds{0});
  EXPECT_TRUE(lives_after(hours{24}));
}

TEST_P(idle_timeout_of_a_passive_request, counts_from_the_last_activity) {
  begin([](scs::session& session) { session.set_idle_timeout(minutes{30}); });
  world.clock.advance(minutes{20});
  set(hours{1});
  EXPECT_TRUE(lives_after(minutes{39}));
  set(minutes{59});
  EXPECT_FALSE(lives_after(minutes{0}));
}

TEST_P(idle_timeout_of_a_passive_request, counts_from_now_where_there_was_none) {
  begin([](scs::session& session) { session.set_idle_timeout(std::nullopt); });
  world.clock.advance(hours{5});
  set(minutes{30});
  EXPECT_TRUE(lives_after(minutes{29}));
  EXPECT_FALSE(lives_after(minutes{1}));
}

INSTANTIATE_TEST_SUITE_P(and_in_iterate, idle_timeout_of_a_passive_request, testing::Bool());

TEST_F(session_lifetime, is_followed_when_a_passive_request_renews) {
  begin([](scs::session& session) { session.set_idle_timeout(minutes{30}); });
  visitor.visit([](scs::session& session) {
    session.set_passive();
    session.set_idle_timeout(nanoseconds{0});
    session.renew();
  });
  EXPECT_TRUE(lives_after(hours{24}));
}

TEST_F(session_lifetime, tells_when_a_user_was_last_seen) {
  test::world strict{{.lifetime = hours{24}, .idle_timeout = minutes{20}}};
  browser other{strict};
  other.visit([](scs::session& session) {
    session.set_user("ann");
    session.set_idle_timeout(hours{5});
  });
  const scs::time_point seen = strict.clock.now();
  strict.clock.advance(hours{4});
  EXPECT_EQ(strict.sessions.sessions_of("ann").at(0).last_seen, seen);
}

TEST_F(session_lifetime, refuses_times_that_make_no_sense) {
  visitor.visit([](scs::session& session) {
    try {
      session.set_idle_timeout(seconds{-1});
      ADD_FAILURE();
    } catch (const scs::error& refused) {
      EXPECT_EQ(refused.code(), scs::errc::invalid_value);
    }
    session.expire_after(nanoseconds::max());
    EXPECT_EQ(session.deadline(), scs::time_point::max());
  });
  for (const bool anonymous : {false, true}) {
    scs::session_options options{.lifetime = hours{1}};
    (anonymous ? options.anonymous_idle_timeout : options.idle_timeout) = hours{2};
    EXPECT_THROW(test::world{options}, scs::error);
  }
}

TEST_F(session_lifetime, reports_a_deadline_that_has_passed) {
  begin([&](scs::session& session) { session.set_deadline(world.clock.now() - hours{1}); });
  EXPECT_EQ(world.count(scs::event_kind::deadline_passed), 1);
  EXPECT_FALSE(visitor.get<int>("n"));
  begin([&](scs::session& session) { session.set_deadline(world.clock.now() + hours{1}); });
  EXPECT_EQ(world.count(scs::event_kind::deadline_passed), 1);
  visitor.visit([&](scs::session& session) { session.expire_after(nanoseconds{0}); });
  EXPECT_EQ(world.count(scs::event_kind::deadline_passed), 2);
  EXPECT_FALSE(visitor.get<int>("n"));
}

TEST(session_lifetime_in_payloads, is_where_scs_ignores_it) {
  scs::payload contents;
  contents.deadline = scs::time_point{seconds{1}};
  contents.idle_timeout = minutes{30};
  const scs::json_codec json;
  const std::string text = json.encode(contents);
  EXPECT_EQ(text, R"({"data":{},"deadline":1000000000,"idle_timeout":1800000000000})");
  EXPECT_EQ(json.decode(text).idle_timeout, minutes{30});
  EXPECT_EQ(json.decode(R"({"data":{},"deadline":1})").idle_timeout, std::nullopt);
  EXPECT_THROW(json.decode(R"({"data":{},"deadline":1,"idle_timeout":-1})"), scs::error);
  const scs::gob_codec gob;
  const std::string bytes = gob.encode(contents);
  EXPECT_THAT(bytes, HasSubstr("__scs.idleTimeout"));
  EXPECT_EQ(gob.decode(bytes).idle_timeout, minutes{30});
  EXPECT_TRUE(gob.decode(bytes).data.empty());
}

struct no_change : rules {};

TEST_F(no_change, is_to_remove_what_is_absent_and_to_clear_what_is_empty) {
  const int commits = world.faults->calls(call::commit);
  visitor.visit([](scs::session& session) {
    const auto before = session.change_count();
    session.remove("absent");
    EXPECT_EQ(session.status(), scs::session_status::unmodified);
    EXPECT_EQ(session.change_count(), before);
  });
  EXPECT_EQ(world.faults->calls(call::commit), commits);
  visitor.visit([](scs::session& session) {
    session.clear();
    EXPECT_EQ(session.status(), scs::session_status::modified);
  });
  const int after = world.faults->calls(call::commit);
  EXPECT_GT(after, commits);
  visitor.visit([](scs::session& session) {
    session.clear();
    EXPECT_EQ(session.status(), scs::session_status::unmodified);
  });
  EXPECT_EQ(world.faults->calls(call::commit), after);
}

TEST_F(no_change, is_not_to_clear_a_user) {
  visitor.visit([](scs::session& session) {
    session.clear();
    session.set_user("ann");
  });
  visitor.visit([](scs::session& session) {
    session.clear();
    EXPECT_EQ(session.status(), scs::session_status::modified);
    EXPECT_EQ(session.user(), "");
  });
}

inline constexpr scs::session_key<int> visits{"visits"};
inline constexpr scs::session_key<std::string> color{"color"};

TEST_F(no_change, keys_have_the_type_of_their_value) {
  visitor.visit([](scs::session& session) {
    EXPECT_EQ(session.get_or(visits, 7), 7);
    session.put(visits, 1);
    session.put(color, "red");
    EXPECT_EQ(session.update(visits, [](std::optional<int> n) { return *n + 1; }), 2);
    EXPECT_EQ(session.get(visits), 2);
    EXPECT_EQ(session.get<int>("visits"), 2);
    EXPECT_TRUE(session.exists(color));
    EXPECT_EQ(session.pop(color), "red");
    session.remove(visits);
    EXPECT_FALSE(session.exists(visits));
  });
}

TEST_F(no_change, says_which_type_was_found_and_which_was_asked_for) {
  visitor.visit([](scs::session& session) {
    session.put("n", 300);
    const auto text_of = [&]<class Value>(Value) -> std::string {
      try {
        session.get<Value>("n");
      } catch (const scs::error& refused) {
        EXPECT_EQ(refused.code(), scs::errc::wrong_type);
        return refused.what();
      }
      return "";
    };
    EXPECT_EQ(text_of(std::string()),
              R"(the session's value "n" is a number; the requested type is a string)");
    EXPECT_EQ(
        text_of(std::int8_t()),
        R"(the session's value "n" is a number that does not fit the requested type: an integer)");
    session.put("n", "text");
    EXPECT_EQ(text_of(true),
              R"(the session's value "n" is a string; the requested type is a boolean)");
    EXPECT_THAT(text_of(scs::time_point()),
                HasSubstr("is a string that does not fit the requested type"));
  });
}

TEST_F(no_change, shows_messages_once) {
  visitor.visit([](scs::session& session) {
    session.flash("saved");
    session.flash("\"quoted\" \n", "warning");
  });
  visitor.visit([](scs::session& session) {
    const auto shown = session.flashes();
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[0].text, "saved");
    EXPECT_EQ(shown[0].kind, "");
    EXPECT_EQ(shown[1].text, "\"quoted\" \n");
    EXPECT_EQ(shown[1].kind, "warning");
    EXPECT_TRUE(session.flashes().empty());
  });
  visitor.visit([](scs::session& session) {
    EXPECT_TRUE(session.flashes().empty());
    EXPECT_EQ(session.status(), scs::session_status::unmodified);
    for (int i = 0; i < 20; ++i)
      session.flash(std::to_string(i));
    EXPECT_EQ(session.flashes().front().text, "4");
    session.put(scs::session::flash_key, 5);  // written by another program
    EXPECT_TRUE(session.flashes().empty());
  });
}

TEST_F(no_change, counts_sessions) {
  EXPECT_EQ(world.sessions.count(), std::nullopt) << "this store does not say";
  EXPECT_EQ(world.sessions.count("ann"), 0U);
  visitor.visit([](scs::session& session) { session.set_user("ann"); });
  EXPECT_EQ(world.sessions.count("ann"), 1U);
  scs::session_manager counting{std::make_unique<scs::stores::memory>()};
  scs::session made = counting.load("");
  made.put("n", 1);
  counting.commit(made);
  EXPECT_EQ(counting.count(), 1U);
  scs::session_manager raw{std::make_unique<scs::stores::memory>(), {.ids = scs::id_mode::raw}};
  EXPECT_EQ(raw.count(), std::nullopt);
}

}  // namespace

}  // namespace test
