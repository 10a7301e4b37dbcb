#include <cmath>
#include <cstdio>
#include <limits>

#include <gtest/gtest.h>

#include <scs/session.hpp>

#include "world.hpp"

namespace user {

/// A type with its own codec.
struct point {
  int x = 0;
  int y = 0;
  friend bool operator==(const point&, const point&) = default;
};

/// A type whose codec fails.
struct broken {
  std::string json;
};

}  // namespace user

template <>
struct scs::value_traits<user::point> {
  static std::string to_json(const user::point& p) {
    return " [" + std::to_string(p.x) + "," + std::to_string(p.y) + "]\n";
  }
  static std::optional<user::point> from_json(std::string_view json) {
    user::point p;
    if (std::sscanf(std::string{json}.c_str(), "[%d,%d]", &p.x, &p.y) != 2) return std::nullopt;
    return p;
  }
};

template <>
struct scs::value_traits<user::broken> {
  static std::string to_json(const user::broken& value) {
    if (value.json == "throw") throw std::runtime_error("no");
    return value.json;
  }
  static std::optional<user::broken> from_json(std::string_view /*json*/) {
    throw std::runtime_error("no");
  }
};

namespace test {

namespace {

using scs::errc;

template <class Value>
Value there_and_back(const Value& value) {
  world world;
  browser visitor{world};
  visitor.put("key", value);
  return visitor.get<Value>("key").value();
}

TEST(session, keeps_values_of_every_type) {
  EXPECT_EQ(there_and_back(std::string{"Hello é\n"}), "Hello é\n");
  EXPECT_EQ(there_and_back(true), true);
  EXPECT_EQ(there_and_back(-7), -7);
  EXPECT_EQ(there_and_back(std::numeric_limits<std::int64_t>::min()),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(there_and_back(std::numeric_limits<std::uint64_t>::max()),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(there_and_back(2.5), 2.5);
  EXPECT_EQ(there_and_back(0.1F), 0.1F);
  EXPECT_EQ(there_and_back(scs::bytes{std::byte{0}, std::byte{255}}),
            (scs::bytes{std::byte{0}, std::byte{255}}));
  EXPECT_EQ(there_and_back(scs::time_point{nanoseconds{1'795'563'895'372'271'681}}),
            scs::time_point{nanoseconds{1'795'563'895'372'271'681}});
  EXPECT_EQ(there_and_back(user::point{3, -4}), (user::point{3, -4}));
}

TEST(session, keeps_literals_and_views_as_strings) {
  world world;
  browser visitor{world};
  const char* pointer = "pointer";
  visitor.visit([&](scs::session& session) {
    session.put("literal", "literal");
    session.put("pointer", pointer);
    session.put("view", std::string_view{"view"});
  });
  for (const char* key : {"literal", "pointer", "view"}) {
    EXPECT_EQ(visitor.get<std::string>(key), key);
  }
}

TEST(session, has_nothing_under_an_absent_key) {
  world world;
  browser visitor{world};
  scs::session session = visitor.request();
  EXPECT_FALSE(session.get<int>("key"));
  EXPECT_FALSE(session.exists("key"));
  EXPECT_FALSE(session.pop<std::string>("key"));
  EXPECT_TRUE(session.keys().empty());
  EXPECT_EQ(session.status(), scs::session_status::unmodified);
}

TEST(session, says_when_a_value_is_of_another_type) {
  world world;
  browser visitor{world};
  visitor.put("key", "text");
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.get<int>("key"), errc::wrong_type);
  EXPECT_SCS_ERROR(session.pop<bool>("key"), errc::wrong_type);
  EXPECT_EQ(session.get<std::string>("key"), "text");
  session.put("big", 300);
  EXPECT_SCS_ERROR(session.get<std::int8_t>("big"), errc::wrong_type);
  EXPECT_SCS_ERROR(session.get<user::point>("big"), errc::wrong_type);
  EXPECT_SCS_ERROR(session.get<user::broken>("big"), errc::wrong_type);
}

TEST(session, refuses_values_that_json_cannot_hold) {
  world world;
  browser visitor{world};
  scs::session session = visitor.request();
  EXPECT_SCS_ERROR(session.put("key", std::nan("")), errc::invalid_value);
  EXPECT_SCS_ERROR(session.put("key", std::numeric_limits<double>::infinity()),
                   errc::invalid_value);
  EXPECT_SCS_ERROR(session.put("key", "\xFF"), errc::invalid_value);
  EXPECT_SCS_ERROR(session.put("\xFF", 1), errc::invalid_value);
  EXPECT_SCS_ERROR(session.put("key", static_cast<const char*>(nullptr)), errc::invalid_value);
  for (const char* json : {"", "1,\"x\":2", "}", "throw", "\"\xFF\""}) {
    EXPECT_SCS_ERROR(session.put("key", user::broken{json}), errc::invalid_value);
  }
  EXPECT_EQ(session.status(), scs::session_status::unmodified);
}

TEST(session, sees_its_own_changes) {
  world world;
  browser visitor{world};
  visitor.visit([](scs::session& session) {
    session.put("a", 1);
    session.put("b", 2);
    session.put("c", 3);
  });
  scs::session session = visitor.request();
  session.put("b", 20);
  session.put("d", 4);
  session.remove("a");
  EXPECT_EQ(session.keys(), (std::vector<std::string>{"b", "c", "d"}));
  EXPECT_FALSE(session.exists("a"));
  EXPECT_EQ(session.get<int>("b"), 20);
  EXPECT_EQ(session.pop<int>("b"), 20);
  EXPECT_FALSE(session.exists("b"));
  session.clear();
  EXPECT_TRUE(session.keys().empty());
  session.put("c", 30);
  EXPECT_EQ(session.keys(), (std::vector<std::string>{"c"}));
  visitor.finish(session);
  EXPECT_EQ(session.keys(), (std::vector<std::string>{"c"}));
  EXPECT_EQ(visitor.get<int>("c"), 30);
  EXPECT_FALSE(visitor.get<int>("d"));
}

TEST(session, shows_a_flash_message_once) {
  world world;
  browser visitor{world};
  visitor.put("flash", "saved");
  visitor.visit([](scs::session& s) { EXPECT_EQ(s.pop<std::string>("flash"), "saved"); });
  visitor.visit([](scs::session& s) { EXPECT_FALSE(s.pop<std::string>("flash")); });
}

TEST(session, takes_any_key) {
  world world;
  browser visitor{world};
  const std::vector<std::string> keys{"", std::string{"\0", 1}, "\"\\", "<é\u2028>"};
  visitor.visit([&](scs::session& session) {
    for (const std::string& key : keys)
      session.put(key, key);
  });
  for (const std::string& key : keys)
    EXPECT_EQ(visitor.get<std::string>(key), key);
}

TEST(session, updates_locally_while_it_is_not_stored) {
  world world;
  browser visitor{world};
  visitor.visit([&](scs::session& session) {
    EXPECT_EQ(session.update<int>("n", [](auto n) { return n.value_or(40) + 2; }), 42);
    EXPECT_EQ(world.faults->calls(), 0);
  });
  EXPECT_EQ(visitor.get<int>("n"), 42);
}

TEST(session, can_be_moved) {
  world world;
  browser visitor{world};
  visitor.put("key", "a value too long for a string's own buffer");
  scs::session first = visitor.request();
  first.load();
  scs::session second = std::move(first);
  EXPECT_EQ(second.get<std::string>("key"), "a value too long for a string's own buffer");
  scs::session third = visitor.request();
  third = std::move(second);
  third.put("more", 1);
  visitor.finish(third);
  EXPECT_EQ(visitor.get<int>("more"), 1);
}

TEST(session, can_be_used_and_committed_again_after_a_commit) {
  world world;
  browser visitor{world};
  scs::session session = visitor.request();
  session.put("a", 1);
  EXPECT_NE(find_header(visitor.finish(session), "Set-Cookie"), "");
  EXPECT_EQ(session.get<int>("a"), 1);
  EXPECT_EQ(session.token(), visitor.token());
  session.put("b", 2);
  EXPECT_EQ(find_header(visitor.finish(session), "Set-Cookie"), "");
  EXPECT_EQ(visitor.get<int>("a"), 1);
  EXPECT_EQ(visitor.get<int>("b"), 2);
}

TEST(session, tells_its_token_only_once_it_is_stored) {
  world world;
  browser visitor{world};
  visitor.visit([](scs::session& session) {
    session.put("a", 1);
    EXPECT_EQ(session.token(), "");
  });
  scs::session session = visitor.request();
  EXPECT_EQ(session.token(), visitor.token());
}

TEST(session, says_what_was_done_to_it) {
  world world;
  browser visitor{world};
  visitor.put("a", 1);
  scs::session session = visitor.request();
  EXPECT_EQ(session.status(), scs::session_status::unmodified);
  session.get<int>("a");
  EXPECT_EQ(session.status(), scs::session_status::unmodified);
  session.put("a", 2);
  EXPECT_EQ(session.status(), scs::session_status::modified);
  session.destroy();
  EXPECT_EQ(session.status(), scs::session_status::destroyed);
  session.put("a", 3);
  EXPECT_EQ(session.status(), scs::session_status::modified);
}

TEST(session, counts_its_changes_whether_they_are_stored_or_not) {
  world world;
  browser visitor{world};
  visitor.put("n", 1);
  scs::session session = visitor.request();
  std::uint64_t counted = 0;
  const auto expect_a_change = [&](std::string_view what) {
    EXPECT_GT(session.change_count(), counted) << what;
    counted = session.change_count();
  };
  const auto expect_no_change = [&](std::string_view what) {
    EXPECT_EQ(session.change_count(), counted) << what;
  };
  session.get<int>("n");
  session.touch();
  session.merge("no token");
  EXPECT_SCS_ERROR(session.put("n", std::numeric_limits<double>::quiet_NaN()), errc::invalid_value);
  expect_no_change("nothing was changed");
  session.put("n", 2);
  expect_a_change("put");
  session.save();
  world.sessions.commit(session);
  expect_no_change("commits");
  session.update<int>("n", [](std::optional<int> n) { return n.value_or(0) + 1; });
  expect_a_change("update");
  session.remove("n");
  expect_a_change("remove");
  session.remove("n");
  session.clear();
  expect_no_change("there is nothing to remove or to clear");
  session.put("n", 3);
  expect_a_change("put after remove");
  session.clear();
  expect_a_change("clear");
  session.set_user("tom");
  expect_a_change("set_user");
  session.renew();
  expect_a_change("renew");
  session.remember_me();
  expect_a_change("remember_me");
  session.set_deadline(world.clock.now());
  expect_a_change("set_deadline");
  world.sessions.abandon(session);
  expect_no_change("changes were dropped");
  session.destroy();
  expect_a_change("destroy");
}

TEST(session, has_nothing_left_to_commit_after_a_commit_or_an_abandonment) {
  world world;
  browser visitor{world};
  visitor.put("n", 1);
  const auto add_one = [](std::optional<int> n) { return n.value_or(0) + 1; };
  scs::session updated = visitor.request();
  updated.update<int>("n", add_one);
  EXPECT_EQ(updated.status(), scs::session_status::modified);
  world.sessions.commit(updated);
  EXPECT_EQ(updated.status(), scs::session_status::unmodified);
  updated.update<int>("n", add_one);
  world.sessions.abandon(updated);
  EXPECT_EQ(updated.status(), scs::session_status::unmodified);

  scs::session empty = world.sessions.load(std::string_view{});
  empty.remove("n");
  world.sessions.commit(empty);
  EXPECT_EQ(empty.status(), scs::session_status::unmodified);
}

TEST(session, waits_for_an_explicit_load_when_told_to) {
  world world;
  browser visitor{world};
  visitor.put("a", 1);
  const int calls = world.faults->calls();
  scs::session session = visitor.request(scs::load_policy::explicit_only);
  EXPECT_SCS_ERROR(session.get<int>("a"), errc::not_loaded);
  EXPECT_SCS_ERROR(session.put("a", 1), errc::not_loaded);
  EXPECT_SCS_ERROR(session.destroy(), errc::not_loaded);
  EXPECT_EQ(world.faults->calls(), calls);
  EXPECT_TRUE(world.sessions.commit(session).empty());
  session.load();
  EXPECT_EQ(session.get<int>("a"), 1);
}

TEST(session, keeps_thousands_of_keys) {
  world world;
  browser visitor{world};
  constexpr int count = 5000;
  visitor.visit([&](scs::session& session) {
    for (int i = 0; i < count; ++i)
      session.put(std::to_string(i * 7919 % count), i);
  });
  scs::session session = visitor.request();
  EXPECT_EQ(session.keys().size(), static_cast<std::size_t>(count));
}

}  // namespace

}  // namespace test
