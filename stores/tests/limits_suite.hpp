#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/error.hpp>
#include <scs/scs.hpp>

#include "fixtures/store_fixture.hpp"
#include "store_front.hpp"

// Tests of stores that limit the number of sessions without a user and report what they remove. A
// test program includes it once and contains INSTANTIATE_TEST_SUITE_P(name, limited_store,
// testing::Values(make)), where `make` returns the fixture of a store that accepts two sessions
// without a user.

namespace test {

class limited_store : public testing::TestWithParam<make_store_fixture> {
 protected:
  using outcome = scs::commit_result::outcome;

  scs::store& store() { return fixture_->store(); }
  static scs::session_id new_id() { return scs::token::generate().id(); }

  scs::commit_result commit(const scs::session_id& id, std::string_view user,
                            const std::optional<std::string>& revision = std::nullopt,
                            std::chrono::seconds lifetime = std::chrono::hours{1}) {
    const std::string payload =
        user.empty() ? R"({"data":{"a":1},"deadline":2000000000000000000})"
                     : R"({"data":{"a":1},"deadline":2000000000000000000,"user":"tom"})";
    return store().commit(id, payload, fixture_->clock().now() + lifetime, revision, user);
  }
  bool takes(std::string_view user) {
    try {
      return commit(new_id(), user).result == outcome::committed;
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::store_full) << failure.what();
      return false;
    }
  }

  std::unique_ptr<store_fixture> fixture_ = GetParam()();
};

TEST_P(limited_store, refuses_newcomers_and_takes_nobodys_place_for_them) {
  const auto first = new_id();
  const auto second = new_id();
  ASSERT_EQ(commit(first, "").result, outcome::committed);
  ASSERT_EQ(commit(second, "").result, outcome::committed);
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(takes(""));
  EXPECT_TRUE(store().find(first));
  EXPECT_TRUE(store().find(second));
  EXPECT_TRUE(takes("tom")) << "users log in";
  EXPECT_EQ(store()
                .commit(scs::session_id::from_text("w:=tom"), "{}",
                        fixture_->clock().now() + std::chrono::hours{1}, std::nullopt, "")
                .result,
            outcome::committed)
      << "and are revoked";
}

TEST_P(limited_store, changes_what_is_there_when_it_is_full) {
  const auto id = new_id();
  auto revision = commit(id, "").revision;
  ASSERT_TRUE(takes(""));
  for (int i = 0; i < 3; ++i) {
    const auto changed = commit(id, "", revision);
    ASSERT_EQ(changed.result, outcome::committed);
    revision = changed.revision;
  }
  EXPECT_EQ(commit(id, "", "another").result, outcome::conflict);
  EXPECT_TRUE(store().find(id));
  EXPECT_FALSE(takes(""));
}

TEST_P(limited_store, has_room_again_for_each_that_ends_or_gets_a_user) {
  const auto first = new_id();
  const auto second = new_id();
  const auto revision = commit(first, "").revision;
  commit(second, "");
  ASSERT_FALSE(takes(""));
  EXPECT_EQ(commit(first, "tom", revision).result, outcome::committed);
  EXPECT_TRUE(takes(""));
  EXPECT_FALSE(takes(""));
  EXPECT_TRUE(store().erase(second));
  EXPECT_TRUE(takes(""));
  EXPECT_FALSE(takes(""));
  const auto tom = store().find(first);
  EXPECT_EQ(commit(first, "", tom->revision).result, outcome::committed) << "it is nobody's now";
  EXPECT_EQ(store().commit(first, {}, {}, store().find(first)->revision, "").result,
            outcome::committed);
  EXPECT_FALSE(takes("")) << "two of two are there still";
}

TEST_P(limited_store, has_room_again_when_a_short_life_is_over) {
  const auto first = new_id();
  const auto second = new_id();
  commit(first, "", std::nullopt, std::chrono::seconds{10});
  commit(second, "", std::nullopt, std::chrono::seconds{10});
  EXPECT_TRUE(store().touch(second, fixture_->clock().now() + std::chrono::seconds{30}));
  fixture_->advance(std::chrono::seconds{11});
  EXPECT_TRUE(takes(""));
  EXPECT_FALSE(takes("")) << "the second was used meanwhile";
}

TEST_P(limited_store, answers_newcomers_with_503_and_an_event) {
  std::vector<scs::event> events;
  scs::session_options options;
  options.clock = &fixture_->clock();
  options.on_event = [&](const scs::event& happened) { events.push_back(happened); };
  scs::session_manager sessions{std::make_unique<store_front>(store()), std::move(options)};
  const auto begin = [&] {
    scs::session session = sessions.load(std::string_view{}, {.method = "POST", .path = "/cart"});
    session.put("cart", 1);
    sessions.commit(session);
  };
  begin();
  begin();
  try {
    begin();
    ADD_FAILURE() << "a third";
  } catch (const scs::error& failure) {
    EXPECT_EQ(scs::http_status(failure.code()), 503);
  }
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(log_line(events.back()), R"(store_full request="POST /cart")");
  scs::session login = sessions.load(std::string_view{});
  login.set_user("tom");
  sessions.commit(login);
}

}  // namespace test
