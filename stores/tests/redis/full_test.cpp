// A server whose memory is full must still allow logouts and revocations.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/session_manager.hpp>

#include "impatient_store.hpp"
#include "redis/record_format.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_options;
namespace record_format = scs::stores::redis_detail::record_format;
using testing::HasSubstr;

struct redis_full : testing::Test {
  redis_server server;
  scs::session_manager sessions{std::make_unique<redis>(options_for(server)),
                                {.idle_timeout = 1h, .cookie = {.secure = false}}};

  std::string log_in(const std::string& user) {
    scs::session session = sessions.load("");
    session.set_user(user);
    sessions.commit(session);
    return sessions.cookie_name() + "=" + session.token();
  }
  std::string user_of(const std::string& cookie) {
    return sessions.load(std::string_view{cookie}).user();
  }
  void fill() { server.command({"CONFIG", "SET", "maxmemory", "1"}); }
};

TEST_F(redis_full, lets_sessions_be_ended) {
  const std::string by_logout = log_in("tom");
  const std::string by_id = log_in("tom");
  const std::string by_revocation = log_in("tom");
  const std::string of_ann = log_in("ann");
  fill();
  failure_of([&] { log_in("tom"); }, scs::errc::store_full);
  scs::session session = sessions.load(std::string_view{by_logout});
  session.destroy();
  sessions.commit(session);
  EXPECT_EQ(user_of(by_logout), "");
  EXPECT_TRUE(sessions.revoke("tom", sessions.load(std::string_view{by_id}).id()));
  EXPECT_EQ(user_of(by_id), "");
  sessions.revoke_all("tom");
  sessions.revoke_all("tom");
  EXPECT_EQ(user_of(by_revocation), "");
  EXPECT_EQ(server.command({"EXISTS", "scs:s:w:=tom"}), "1");
  EXPECT_TRUE(sessions.sessions_of("tom").empty());
  EXPECT_EQ(user_of(of_ann), "ann");
}

TEST_F(redis_full, lets_sessions_live_that_are_in_use) {
  redis store{options_for(server)};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "tom");
  fill();
  EXPECT_TRUE(store.touch(id, in(2h)));
  EXPECT_GT(store.find(id)->expiry, in(90min));
  EXPECT_TRUE(store.touch(id, in(100h))) << "which writes the index, too";
  EXPECT_GT(store.find(id)->expiry, in(90h));
}

TEST_F(redis_full, leaves_nothing_of_a_commit_whose_expiry_has_come) {
  redis store{options_for(server)};
  const auto id = new_id();
  const auto revision = store.commit(id, "payload", in(1h), std::nullopt, "tom").revision;
  EXPECT_EQ(server.command({"EXISTS", "scs:u:tom"}), "1");
  EXPECT_EQ(store.commit(id, "next", in(-1s), revision, "tom").result,
            scs::commit_result::outcome::committed);
  EXPECT_EQ(server.command({"DBSIZE"}), "0") << server.command({"KEYS", "*"});
}

// --- losses when memory is short ---

TEST_F(redis_full, is_warned_of_if_it_would_drop_sessions) {
  std::vector<std::string> warnings;
  const auto listen = [&](scs::stores::redis& store) {
    store.on_warning([&](const std::string& text) { warnings.push_back(text); }, {});
  };
  redis store{options_for(server)};
  server.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  store.check();
  listen(store);
  ASSERT_EQ(warnings.size(), 1U) << "also of what was found before somebody listened";
  EXPECT_THAT(warnings[0], testing::AllOf(HasSubstr(server.address()), HasSubstr("allkeys-lru"),
                                          HasSubstr("noeviction")));
  server.command({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  warnings.clear();
  redis well{options_for(server)};
  listen(well);
  well.check();
  EXPECT_TRUE(warnings.empty());
  server.command({"ACL", "SETUSER", "default", "-info"});
  well.check();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], HasSubstr("+info"));
}

TEST_F(redis_full, has_an_index_entry_again_that_was_lost_after_the_next_login) {
  const std::string cookie = log_in("tom");
  server.command({"DEL", "scs:u:tom"});
  EXPECT_TRUE(sessions.sessions_of("tom").empty());
  scs::session session = sessions.load(std::string_view{cookie});
  session.set_user("tom", "", scs::session::at_login::keep_token);
  sessions.commit(session);
  EXPECT_EQ(sessions.sessions_of("tom").size(), 1U);
}

TEST_F(redis_full, has_an_index_entry_again_that_was_lost_after_an_hour) {
  redis store{options_for(server)};
  const auto id = new_id();
  std::string revision = store.commit(id, "payload", in(100h), std::nullopt, "tom").revision;
  server.command({"DEL", "scs:u:tom"});
  revision = store.commit(id, "next", in(100h), revision, "tom").revision;
  EXPECT_EQ(server.command({"EXISTS", "scs:u:tom"}), "0") << "one round trip";
  // The revision contains the time of the index entry.
  const std::string mark = record_format::index_mark_of(revision);
  std::string older = revision;
  older.replace(older.find(mark, 10), mark.size(),
                record_format::index_mark(scs::clock::system().now() - 2h));
  const std::string key = "scs:s:" + std::string{id.text()};
  server.command({"SETRANGE", key, "1", older});
  EXPECT_EQ(store.commit(id, "next", in(100h), older, "tom").result,
            scs::commit_result::outcome::committed);
  EXPECT_EQ(server.command({"EXISTS", "scs:u:tom"}), "1");
}

}  // namespace

}  // namespace test
