// Rule 12: listings ask the store. A copy may be of a session that another server has ended.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/session_manager.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/near_cache.hpp>

#include "session_clock.hpp"
#include "store_front.hpp"

namespace test {

namespace {

using scs::stores::near_cache;

/// Two web servers that share a store. `here` has a cache.
struct near_cache_listing : testing::Test {
  std::unique_ptr<scs::session_manager> manager(std::unique_ptr<scs::store> store) {
    return std::make_unique<scs::session_manager>(
        std::move(store),
        scs::session_options{
            .cookie = {.secure = false}, .max_sessions_per_user = 2, .clock = &clock});
  }

  std::string log_in(scs::session_manager& at, const std::string& cookie = {}) {
    clock.advance(std::chrono::milliseconds{1});
    scs::session session = at.load(std::string_view{cookie});
    session.set_user("tom");
    at.commit(session);
    return at.cookie_name() + "=" + session.token();
  }
  void log_out(scs::session_manager& at, const std::string& cookie) {
    scs::session session = at.load(std::string_view{cookie});
    session.destroy();
    at.commit(session);
  }
  std::string user_of(scs::session_manager& at, const std::string& cookie) {
    return at.load(std::string_view{cookie}).user();
  }

  session_clock clock;
  scs::stores::memory shared{{.clock = &clock}};
  std::unique_ptr<scs::session_manager> here = manager(std::make_unique<near_cache>(
      std::make_unique<store_front>(shared), scs::stores::near_cache_options{.clock = &clock}));
  std::unique_ptr<scs::session_manager> there = manager(std::make_unique<store_front>(shared));

  /// A session that was renewed at `here`, which has a copy of it, and has ended at `there`. Its
  /// tombstone leads to the copy.
  std::string ended_and_copied() {
    const std::string cookie = log_in(*here, log_in(*here));
    EXPECT_EQ(user_of(*here, cookie), "tom");
    log_out(*there, cookie);
    EXPECT_EQ(user_of(*here, cookie), "tom") << "the copy";
    return cookie;
  }
};

TEST_F(near_cache_listing, leaves_out_what_has_ended_elsewhere) {
  ended_and_copied();
  EXPECT_EQ(there->sessions_of("tom").size(), 0U);
  EXPECT_EQ(here->sessions_of("tom").size(), 0U);
}

TEST_F(near_cache_listing, ends_no_live_session_in_favor_of_a_dead_copy) {
  const std::string live = log_in(*there);
  ended_and_copied();
  const std::string second = log_in(*here);
  EXPECT_EQ(user_of(*here, live), "tom") << "two sessions are allowed, and there are two";
  EXPECT_EQ(user_of(*here, second), "tom");
  EXPECT_EQ(here->sessions_of("tom").size(), 2U);
}

TEST_F(near_cache_listing, goes_by_the_watermark_that_the_store_has) {
  const std::string cookie = log_in(*here);
  EXPECT_EQ(user_of(*here, cookie), "tom") << "copies that there is no watermark";
  const auto id = scs::token::parse(cookie.substr(cookie.find('=') + 1))->id();
  const scs::record kept = shared.find(id).value();
  there->revoke_all("tom");
  shared.commit(id, kept.payload, kept.expiry, std::nullopt, "tom");  // its erasure was lost
  EXPECT_EQ(here->sessions_of("tom").size(), 0U);
}

TEST_F(near_cache_listing, ends_a_session_that_has_become_the_users_elsewhere) {
  scs::session session = here->load("");
  session.put("cart", 1);
  here->commit(session);
  const std::string cookie = here->cookie_name() + "=" + session.token();
  EXPECT_EQ(user_of(*here, cookie), "") << "copies a session of nobody's";
  scs::session login = there->load(std::string_view{cookie});
  login.set_user("tom", "", scs::session::at_login::keep_token);
  there->commit(login);
  EXPECT_TRUE(here->revoke("tom", login.id()));
  EXPECT_EQ(user_of(*there, cookie), "");
}

}  // namespace

}  // namespace test
