// A store with a server that does not work. Each case ends with a clear error within the timeout.
// No wrong data is served, the same store recovers, and no acknowledged change is lost.

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scs/session_manager.hpp>

#include "impatient_store.hpp"
#include "redis/connection/pool.hpp"
#include "redis/protocol/command.hpp"
#include "redis/protocol/failure.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_options;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using outcome = scs::commit_result::outcome;

/// Returns the options of a server that keeps every acknowledged change, even after a crash.
std::vector<std::string> durable() {
  return {"--appendonly", "yes", "--appendfsync", "always"};
}

/// Whether the same store finds the session again.
bool found_again(redis& store, const scs::session_id& id, const std::string& payload) {
  return eventually([&] {
    try {
      const auto found = store.find(id);
      EXPECT_TRUE(found) << "as if logged out";
      return found && found->payload == payload;
    } catch (const scs::error&) {
      return false;
    }
  });
}

TEST(redis_faults, a_server_that_is_stopped_and_started) {
  redis_server server{durable()};
  redis store{options_for(server)};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "tom");
  server.stop();
  for (int i = 0; i < 3; ++i) {
    const auto find = failure_of([&] { store.find(id); });
    EXPECT_THAT(find.text, AllOf(HasSubstr(server.address()), HasSubstr("Connection refused"),
                                 Not(HasSubstr(std::string{id.text()}))));
    EXPECT_LT(find.after, timeout + margin);
    failure_of([&] { store.commit(id, "next", in(1h), std::nullopt, ""); });
    failure_of([&] { store.touch(id, in(2h)); });
    failure_of([&] { store.erase(id); });
    failure_of([&] { store.for_each([](auto&&...) { return scs::visit::next; }); });
    failure_of([&] { store.for_each_of_user("tom", [](auto&&...) { return scs::visit::next; }); });
    failure_of([&] { store.check(); });
  }
  server.start();
  EXPECT_TRUE(found_again(store, id, "payload"));
}

TEST(redis_faults, a_connection_that_died_unnoticed) {
  redis_server server{durable()};
  redis store{options_for(server)};
  const auto id = new_id();
  auto revision = store.commit(id, "payload", in(1h), std::nullopt, "").revision;
  for (int i = 0; i < 5; ++i) {
    server.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    EXPECT_EQ(store.find(id)->payload, "payload") << "no error for it";
    server.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    const auto done = store.commit(id, "payload", in(1h), revision, "");
    ASSERT_EQ(done.result, outcome::committed);
    revision = done.revision;
  }
}

TEST(redis_faults, a_server_that_is_down_is_not_stormed) {
  redis_server server;
  redis_options options = options_for(server);
  options.reconnect_pause_min = options.max_reconnect_pause = 10s;
  redis store{options};
  server.stop();
  EXPECT_THAT(failure_of([&] { store.find(new_id()); }).text, Not(HasSubstr("tried again")));
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(failure_of([&] { store.find(new_id()); }).text,
                AllOf(HasSubstr("Connection refused"), HasSubstr("tried again in ")));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, margin);
}

TEST(redis_faults, a_server_that_stands_still) {
  redis_server server;
  redis store{options_for(server)};
  const auto id = new_id();
  const auto revision = store.commit(id, "payload", in(1h), std::nullopt, "").revision;
  server.freeze();
  const auto found = failure_of([&] { store.find(id); });
  EXPECT_THAT(found.text, AllOf(HasSubstr(server.address()), HasSubstr("does not answer in time")));
  EXPECT_GE(found.after, timeout - 50ms);
  EXPECT_LT(found.after, timeout + margin);
  const auto committed = failure_of([&] { store.commit(id, "next", in(1h), revision, ""); });
  EXPECT_THAT(committed.text, HasSubstr("does not answer in time"));
  EXPECT_LT(committed.after, timeout + margin);
  server.thaw();
  EXPECT_TRUE(found_again(store, id, "payload"));
  // The store mistakes no answer to an old request for the answer to a new one.
  for (int i = 0; i < 50; ++i) {
    const auto other = new_id();
    const std::string payload{other.text()};
    store.commit(other, payload, in(1h), std::nullopt, "");
    EXPECT_EQ(store.find(other)->payload, payload);
    EXPECT_EQ(store.find(id)->payload, "payload");
  }
}

TEST(redis_faults, a_server_killed_in_the_middle_of_a_commit) {
  redis_server server{durable()};
  redis store{options_for(server)};
  const auto id = new_id();
  const auto revision = store.commit(id, "acknowledged", in(1h), std::nullopt, "").revision;
  for (const char* what : {"commit", "erase"}) {
    server.freeze();
    auto call = std::async(std::launch::async, [&] {
      return failure_of([&] {
        if (what == std::string{"commit"}) {
          store.commit(id, "under way", in(1h), revision, "");
        } else {
          store.erase(id);
        }
      });
    });
    ASSERT_TRUE(eventually([&] { return server.has_unread_bytes(); }));
    server.kill();
    const failure_seen failed = call.get();
    EXPECT_THAT(failed.text, AllOf(HasSubstr("may have taken place or not"),
                                   Not(HasSubstr(std::string{id.text()}))));
    EXPECT_LT(failed.after, timeout + margin);
    server.start();
    EXPECT_TRUE(found_again(store, id, "acknowledged")) << what;
  }
  EXPECT_EQ(store.commit(id, "next", in(1h), revision, "").result, outcome::committed);
}

TEST(redis_faults, what_was_acknowledged_survives_a_kill_among_many_commits) {
  redis_server server{durable()};
  redis store{options_for(server)};
  std::mutex mutex;
  std::vector<scs::session_id> acknowledged;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      try {
        for (;;) {
          const auto id = new_id();
          if (store.commit(id, id.text(), in(1h), std::nullopt, "tom").result !=
              outcome::committed) {
            ADD_FAILURE() << "not committed";
          }
          const std::lock_guard lock{mutex};
          acknowledged.push_back(id);
        }
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), scs::errc::store_failed);
      }
    });
  }
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock{mutex};
    return acknowledged.size() > 200;
  }));
  server.kill();
  for (std::thread& thread : threads)
    thread.join();
  server.start();
  ASSERT_TRUE(found_again(store, acknowledged.front(), std::string{acknowledged.front().text()}));
  std::set<scs::session_id> listed;
  store.for_each_of_user("tom", [&](const scs::session_id& id, const scs::record&) {
    listed.insert(id);
    return scs::visit::next;
  });
  for (const auto& id : acknowledged) {
    EXPECT_TRUE(store.find(id));
    EXPECT_TRUE(listed.contains(id)) << "a revocation of all would miss it";
  }
}

TEST(redis_faults, a_pool_that_is_full) {
  using namespace scs::stores::redis_detail;
  redis_server server;
  settings with{.options = options_for(server)};
  with.options.max_connections = 2;
  pool connections{{"127.0.0.1", static_cast<std::uint16_t>(server.port())}, with};
  std::string wait;
  append_command(wait, {"BLPOP", "list", "20"});
  std::vector<std::future<void>> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] {
      reply answer;
      connections.exchange(wait, {&answer, 1}, deadline::in(20s));
      EXPECT_EQ(answer->type, REDIS_REPLY_ARRAY);
    }));
  }
  ASSERT_TRUE(eventually([&] { return server.info("blocked_clients") == 2; }));
  std::string ping;
  append_command(ping, {"PING"});
  reply answer;
  const auto begun = std::chrono::steady_clock::now();
  try {
    connections.exchange(ping, {&answer, 1}, deadline::in(100ms));
    FAIL() << "a third connection";
  } catch (const connection_failure& failure) {
    EXPECT_EQ(failure.done(), effect::none);
    EXPECT_THAT(failure.what(), HasSubstr("all 2 connections are in use"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 100ms + margin);
  server.command({"RPUSH", "list", "1", "2"});
  for (auto& each : waiting)
    each.get();
  connections.exchange(ping, {&answer, 1}, deadline::in(5s));
  EXPECT_EQ(text_of(*answer), "PONG");
}

TEST(redis_faults, a_wrong_password) {
  redis_server server;
  redis_options options = options_for(server);
  server.command({"CONFIG", "SET", "requirepass", "right"});
  server.use_password("right");

  redis without{options};
  EXPECT_THAT(failure_of([&] { without.find(new_id()); }).text,
              AllOf(HasSubstr("NOAUTH"), HasSubstr("set the option password")));
  options.password = "wrong";
  redis wrong{options};
  const auto refused = failure_of([&] { wrong.find(new_id()); });
  EXPECT_THAT(refused.text,
              AllOf(HasSubstr("WRONGPASS"), HasSubstr(server.address()), Not(HasSubstr("wrong "))));
  EXPECT_LT(refused.after, timeout + margin);
  EXPECT_THAT(failure_of([&] { wrong.check(); }).text, HasSubstr("WRONGPASS"));
  options.password = "right";
  redis right{options};
  EXPECT_FALSE(right.find(new_id()));

  // From now on the server accepts the other password, and the same store works.
  server.command({"CONFIG", "SET", "requirepass", "wrong"});
  server.use_password("wrong");
  EXPECT_TRUE(eventually([&] {
    try {
      return !wrong.find(new_id());
    } catch (const scs::error&) {
      return false;
    }
  }));
}

// The rules are those of docs/store-redis.md.
TEST(redis_faults, a_user_with_just_the_rights_that_are_needed) {
  redis_server server;
  EXPECT_EQ(server.command({"ACL",       "SETUSER",       "web",
                            "on",        ">secret",       "resetkeys",
                            "~scs:*",    "resetchannels", "-@all",
                            "+get",      "+set",          "+del",
                            "+getrange", "+setrange",     "+pexpireat",
                            "+pttl",     "+zadd",         "+zrem",
                            "+zscore",   "+zrange",       "+zremrangebyscore",
                            "+eval",     "+evalsha",      "+scan",
                            "+time",     "+ping",         "+wait",
                            "+select",   "+asking",       "+cluster|slots",
                            "+role"}),
            "OK");
  redis_options options = options_for(server);
  options.user = "web";
  options.password = "secret";
  redis store{options};
  store.check();
  const auto id = new_id();
  auto revision = store.commit(id, "payload", in(1h), std::nullopt, "tom").revision;
  revision = store.commit(id, "payload", in(1h), revision, "ann").revision;
  EXPECT_TRUE(store.touch(id, in(100h)));
  int visits = 0;
  const auto count = [&](auto&&...) {
    ++visits;
    return scs::visit::next;
  };
  store.for_each(count);
  store.for_each_of_user("ann", count);
  EXPECT_EQ(visits, 2);
  EXPECT_TRUE(store.erase(id));

  options.key_prefix = "other:";
  redis elsewhere{options};
  EXPECT_THAT(failure_of([&] { elsewhere.find(id); }).text,
              AllOf(HasSubstr("NOPERM"), Not(HasSubstr(std::string{id.text()}))));
}

TEST(redis_faults, a_read_only_replica) {
  redis_server master;
  redis_server replica{{"--replicaof", "127.0.0.1 " + std::to_string(master.port())}};
  redis to_master{options_for(master)};
  redis to_replica{options_for(replica)};
  const auto id = new_id();
  const auto revision = to_master.commit(id, "payload", in(1h), std::nullopt, "").revision;
  ASSERT_TRUE(eventually([&] { return replica.command({"DBSIZE"}) == "1"; }));
  for (const auto& failed : {failure_of([&] { to_replica.find(id); }),
                             failure_of([&] { to_replica.find_with_watermark(id); }),
                             failure_of([&] { to_replica.check(); }),
                             failure_of([&] { to_replica.commit(id, "x", in(1h), revision, ""); }),
                             failure_of([&] { to_replica.touch(id, in(2h)); }),
                             failure_of([&] { to_replica.erase(id); })}) {
    EXPECT_THAT(failed.text, AllOf(HasSubstr("read-only replica"), HasSubstr(replica.address()),
                                   Not(HasSubstr(std::string{id.text()}))));
    EXPECT_LT(failed.after, timeout + margin);
  }
  EXPECT_EQ(to_master.find(id)->revision, revision);
  // It becomes the master, and the same store works.
  replica.command({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(found_again(to_replica, id, "payload"));
  EXPECT_EQ(to_replica.commit(id, "next", in(1h), revision, "").result, outcome::committed);
}

TEST(redis_faults, too_few_replicas) {
  redis_server master;
  redis_options options = options_for(master);
  options.wait_replicas = 1;
  options.wait_timeout = 50ms;
  redis store{options};
  const auto id = new_id();
  EXPECT_THAT(failure_of([&] { store.commit(id, "payload", in(1h), std::nullopt, ""); }).text,
              HasSubstr("only 0 of 1 replicas confirmed"));
  redis_server replica{{"--replicaof", "127.0.0.1 " + std::to_string(master.port())}};
  EXPECT_TRUE(eventually([&] {
    try {
      return store.commit(new_id(), "payload", in(1h), std::nullopt, "").result ==
             outcome::committed;
    } catch (const scs::error&) {
      return false;
    }
  }));
}

TEST(redis_faults, a_server_without_memory) {
  redis_server server;
  redis store{options_for(server)};
  const auto id = new_id();
  auto revision = store.commit(id, "payload", in(1h), std::nullopt, "").revision;
  server.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_THAT(
      failure_of([&] { store.commit(id, "next", in(1h), revision, ""); }, scs::errc::store_full)
          .text,
      HasSubstr("out of memory"));
  EXPECT_EQ(store.find(id)->payload, "payload");
  server.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(store.commit(id, "next", in(1h), revision, "").result, outcome::committed);
}

TEST(redis_faults, a_server_that_lacks_a_command) {
  redis_server server{{"--rename-command", "EVALSHA", "", "--rename-command", "GET", ""}};
  redis store{options_for(server)};
  const auto id = new_id();
  for (const auto& failed :
       {failure_of([&] { store.find(id); }), failure_of([&] { store.erase(id); })}) {
    EXPECT_THAT(failed.text,
                AllOf(HasSubstr("unknown command"), Not(HasSubstr(std::string{id.text()}))));
  }
}

TEST(redis_faults, a_child_after_a_fork_has_connections_of_its_own) {
  redis_server server;
  redis store{options_for(server)};
  const auto id = new_id();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  const pid_t child = ::fork();
  if (child == 0) {
    int wrong = 0;
    for (int i = 0; i < 200; ++i) {
      const auto found = store.find(i % 2 == 0 ? id : new_id());
      wrong += found.has_value() != (i % 2 == 0);
    }
    ::_exit(wrong == 0 ? 0 : 1);
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(store.find(id));
    EXPECT_FALSE(store.find(new_id()));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// The manager throws an error and does not make a new session.
TEST(redis_faults, nobody_is_served_as_if_logged_out) {
  redis_server server{durable()};
  scs::session_manager sessions{std::make_unique<redis>(options_for(server))};
  std::string cookie;
  {
    scs::session session = sessions.load("");
    session.put("user", "tom");
    sessions.commit(session);
    cookie = sessions.cookie_name() + "=" + session.token();
  }
  server.kill();
  {
    scs::session session = sessions.load(cookie);
    failure_of([&] { session.get<std::string>("user"); });
    failure_of([&] { sessions.commit(session); });
    for (const scs::header& line : sessions.abandon(session))
      EXPECT_NE(line.name, "Set-Cookie");
  }
  server.start();
  EXPECT_TRUE(eventually([&] {
    scs::session session = sessions.load(cookie);
    try {
      return session.get<std::string>("user") == "tom";
    } catch (const scs::error&) {
      return false;
    }
  }));
}

}  // namespace

}  // namespace test
