// A store with one server that works.

#include <atomic>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/session_manager.hpp>

#include "shared_servers.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_options;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

class redis_store : public testing::Test {
 protected:
  redis_store() { server().command({"FLUSHALL"}); }

  static redis_server& server() { return shared_server(); }
  static redis_options options() { return {.servers = {server().address()}}; }

  std::set<std::string> keys() {
    std::istringstream words{server().command({"KEYS", "*"})};
    return {std::istream_iterator<std::string>{words}, {}};
  }

  /// Returns how often the server read from its connections during an action, and its commands.
  template <class Action>
  long long reads_of(Action action) {
    server().command({"CONFIG", "RESETSTAT"});
    const long long before = server().info("total_reads_processed");
    action();
    const long long after = server().info("total_reads_processed");
    return after - before - idle_reads();
  }

  static std::string key(const scs::session_id& id) { return "scs:s:" + std::string{id.text()}; }

 private:
  long long idle_reads() {
    if (idle_reads_ < 0) {
      const long long before = server().info("total_reads_processed");
      idle_reads_ = server().info("total_reads_processed") - before;
    }
    return idle_reads_;
  }

  long long idle_reads_ = -1;
};

TEST_F(redis_store, takes_one_round_trip_for_each_call) {
  server().command({"SCRIPT", "FLUSH"});
  redis store{options()};
  const auto id = new_id(), users = new_id();
  // After this, the store is connected, and the server knows the scripts.
  auto revision = store.commit(id, "payload", in(1h), std::nullopt, "").revision;
  auto users_revision = store.commit(users, "payload", in(1h), std::nullopt, "tom").revision;
  store.touch(id, in(2h));
  store.erase(new_id());
  const auto gone = new_id();
  store.commit(gone, "payload", in(1h), std::nullopt, "tom");
  EXPECT_EQ(reads_of([&] { store.erase(gone); }), 3) << "of a user's, with a script to load";

  EXPECT_EQ(reads_of([&] { store.find(id); }), 1);
  EXPECT_EQ(reads_of([&] { store.find(new_id()); }), 1);
  EXPECT_EQ(reads_of([&] { revision = store.commit(id, "x", in(1h), revision, "").revision; }), 1);
  EXPECT_EQ(reads_of([&] { store.commit(new_id(), "x", in(1h), std::nullopt, ""); }), 1);
  EXPECT_EQ(reads_of([&] { store.commit(id, "x", in(1h), "another", ""); }), 1);
  EXPECT_EQ(reads_of([&] {
              users_revision = store.commit(users, "x", in(1h), users_revision, "tom").revision;
            }),
            1)
      << "the same user";
  EXPECT_EQ(reads_of([&] { store.touch(id, in(3h)); }), 1);
  EXPECT_EQ(reads_of([&] { store.touch(users, in(3h)); }), 1);
  EXPECT_EQ(reads_of([&] { revision = store.commit(id, "x", in(1h), revision, "ann").revision; }),
            2)
      << "another user than before";
  EXPECT_EQ(reads_of([&] { store.commit(new_id(), "x", in(1h), std::nullopt, "ann"); }), 2);
  EXPECT_EQ(reads_of([&] { store.commit(id, "x", in(1h), revision, ""); }), 2);
  EXPECT_EQ(reads_of([&] { store.erase(id); }), 1);
  EXPECT_EQ(reads_of([&] { store.erase(users); }), 2) << "a user's";
}

TEST_F(redis_store, takes_one_round_trip_to_load_a_session_with_its_watermark) {
  scs::session_manager sessions{std::make_unique<redis>(options())};
  const auto cookie_of = [&](std::string_view user) {
    scs::session session = sessions.load("");
    session.put("key", 1);
    session.set_user(user);
    sessions.commit(session);
    return sessions.cookie_name() + "=" + session.token();
  };
  const auto reads_to_load = [&](const std::string& cookie) {
    return reads_of([&] { EXPECT_EQ(sessions.load(cookie).get<int>("key"), 1); });
  };
  const std::string nobodys = cookie_of(""), toms = cookie_of("tom");
  const std::string longest = cookie_of(std::string(60, 'x')),
                    longer = cookie_of(std::string(61, 'x'));
  reads_to_load(nobodys);  // the server knows the script
  EXPECT_EQ(reads_to_load(nobodys), 1);
  EXPECT_EQ(reads_to_load(toms), 1);
  EXPECT_EQ(reads_to_load(longest), 1);
  EXPECT_EQ(reads_to_load(longer), 2) << "the id of its watermark is a hash";
  sessions.revoke_all("tom");
  const std::string later = cookie_of("tom");
  EXPECT_EQ(reads_to_load(later), 1) << "with a watermark";
  EXPECT_EQ(
      reads_of([&] { sessions.load(sessions.cookie_name() + "=" + std::string(43, 'A')).user(); }),
      1)
      << "without a session";
}

TEST_F(redis_store, takes_no_round_trip_for_a_request_that_leaves_its_session_alone) {
  scs::session_manager sessions{std::make_unique<redis>(options())};
  const scs::token token = scs::token::generate();
  const std::string cookie = "__Host-Http-session=" + std::string{token.text()};
  EXPECT_EQ(reads_of([&] {
              scs::session session = sessions.load(cookie);
              sessions.commit(session);
            }),
            0);
}

TEST_F(redis_store, gives_redis_the_expiry_as_time_to_live) {
  redis store{options()};
  const auto id = new_id();
  const auto expiry = in(1h);
  store.commit(id, "payload", expiry, std::nullopt, "");
  const std::string milliseconds = server().command({"PEXPIRETIME", key(id)});
  EXPECT_EQ(std::stoll(milliseconds), expiry.time_since_epoch() / 1ms);
  EXPECT_EQ(store.find(id)->expiry, std::chrono::floor<std::chrono::milliseconds>(expiry));
  store.touch(id, in(2h));
  EXPECT_GT(std::stoll(server().command({"PEXPIRETIME", key(id)})), std::stoll(milliseconds));
}

TEST_F(redis_store, is_removed_by_redis_itself) {
  redis store{options()};
  store.commit(new_id(), "payload", in(1h), std::nullopt, "");
  EXPECT_EQ(keys().size(), 1U);
  let_pass(shared_server(), 1h - 20ms);
  EXPECT_TRUE(eventually([] { return shared_server().command({"DBSIZE"}) == "0"; }));
}

TEST_F(redis_store, does_not_write_the_payload_again_to_touch) {
  redis store{options()};
  const auto id = new_id();
  store.commit(id, std::string(100'000, 'x'), in(1h), std::nullopt, "tom");
  server().command({"CONFIG", "RESETSTAT"});
  EXPECT_TRUE(store.touch(id, in(2h)));
  EXPECT_EQ(server().info("cmdstat_set"), 0);
  EXPECT_EQ(server().info("cmdstat_get"), 0);
  EXPECT_LT(server().info("total_net_input_bytes"), 2000);
  server().command({"CONFIG", "RESETSTAT"});
  EXPECT_TRUE(store.touch(id, in(30min)));
  EXPECT_EQ(server().info("cmdstat_setrange"), 0) << "nothing to do";
}

TEST_F(redis_store, loads_its_scripts_again_when_the_server_has_lost_them) {
  redis store{options()};
  const auto id = new_id();
  auto revision = store.commit(id, "payload", in(1h), std::nullopt, "tom").revision;
  server().command({"SCRIPT", "FLUSH"});
  const auto second = store.commit(id, "next", in(1h), revision, "tom");
  EXPECT_EQ(second.result, outcome::committed);
  EXPECT_TRUE(store.touch(id, in(2h)));
  server().command({"SCRIPT", "FLUSH"});
  EXPECT_EQ(store.erase(id)->payload, "next");
}

TEST_F(redis_store, keeps_stores_with_other_prefixes_apart) {
  redis_options first_options = options(), second_options = options();
  first_options.key_prefix = "a*";
  second_options.key_prefix = "a";
  redis first{first_options}, second{second_options};
  const auto id = new_id();
  first.commit(id, "first", in(1h), std::nullopt, "tom");
  EXPECT_FALSE(second.find(id));
  EXPECT_EQ(second.commit(id, "second", in(1h), std::nullopt, "tom").result, outcome::committed);
  const auto payloads = [](redis& store) {
    std::vector<std::string> all;
    const auto note = [&](const scs::session_id&, const scs::record& record) {
      all.push_back(record.payload);
      return scs::visit::next;
    };
    store.for_each(note);
    store.for_each_of_user("tom", note);
    return all;
  };
  EXPECT_THAT(payloads(first), testing::ElementsAre("first", "first"));
  EXPECT_THAT(payloads(second), testing::ElementsAre("second", "second"));
}

TEST_F(redis_store, keeps_databases_apart_and_reaches_them_by_a_unix_socket_too) {
  redis_options other = options();
  other.database = 3;
  other.servers = {server().socket_path()};
  redis first{options()}, second{other};
  second.check();
  const auto id = new_id();
  second.commit(id, "in three", in(1h), std::nullopt, "");
  EXPECT_FALSE(first.find(id));
  EXPECT_EQ(second.find(id)->payload, "in three");
}

TEST_F(redis_store, reaches_a_server_by_name) {
  redis_options named = options();
  named.servers = {"localhost:" + std::to_string(server().port())};
  EXPECT_NO_THROW(redis{named}.check());
  named.servers = {"no-such-host.invalid:6379"};
  named.plaintext = scs::stores::redis_plaintext::any_network;
  EXPECT_THAT(failure_of([&] { redis{named}.check(); }).text, HasSubstr("no-such-host.invalid"));
}

TEST_F(redis_store, visits_each_of_many_once_and_passes_over_what_is_none) {
  redis store{options()};
  std::set<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    const auto id = new_id();
    store.commit(id, "", in(1h), std::nullopt, i % 10 == 0 ? "tom" : "");
    expected.insert(std::string{id.text()});
  }
  server().command({"SET", "other", "x"});
  server().command({"SET", "scs:s:" + std::string(64, 'x'), "too long for an id"});
  std::vector<std::string> seen;
  store.for_each([&](const scs::session_id& id, const scs::record&) {
    seen.emplace_back(id.text());
    // The table grows and shrinks while it is scanned.
    if (seen.size() < 1000) server().command({"SET", "other:" + std::to_string(seen.size()), "x"});
    return scs::visit::next;
  });
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ((std::set<std::string>{seen.begin(), seen.end()}), expected);
}

TEST_F(redis_store, says_that_something_else_is_under_its_key) {
  redis store{options()};
  const auto id = new_id();
  const auto hidden = [&](const failure_seen& seen) {
    EXPECT_EQ(seen.text.find(id.text()), std::string::npos) << seen.text;
    return seen.text;
  };
  server().command({"SET", key(id), "something"});
  EXPECT_THAT(hidden(failure_of([&] { store.find(id); })), HasSubstr("key_prefix"));
  EXPECT_THAT(hidden(failure_of([&] { store.commit(id, "", in(1h), "x", ""); })),
              HasSubstr("another version"));
  EXPECT_THAT(hidden(failure_of([&] { store.erase(id); })), HasSubstr("another version"));
  EXPECT_EQ(server().command({"GET", key(id)}), "something") << "and leaves it alone";
  server().command({"DEL", key(id)});
  server().command({"LPUSH", key(id), "something"});
  EXPECT_THAT(hidden(failure_of([&] { store.find(id); })), HasSubstr("WRONGTYPE"));
  EXPECT_THAT(hidden(failure_of([&] { store.touch(id, in(1h)); })), HasSubstr("WRONGTYPE"));
}

// --- users ---

TEST_F(redis_store, keeps_a_users_set_as_long_as_his_sessions_and_a_day) {
  redis store{options()};
  const auto id = new_id();
  store.commit(id, "", in(48h), std::nullopt, "tom");
  const auto left = std::chrono::milliseconds{std::stoll(server().command({"PTTL", "scs:u:tom"}))};
  EXPECT_GT(left, 71h);
  EXPECT_LE(left, 72h);
  store.commit(new_id(), "", in(1h), std::nullopt, "tom");
  EXPECT_GT(std::stoll(server().command({"PTTL", "scs:u:tom"})), 71h / 1ms) << "not shortened";
  EXPECT_EQ(reads_of([&] { store.touch(id, in(70h)); }), 1) << "the set lasts as long";
  EXPECT_EQ(reads_of([&] { store.touch(id, in(100h)); }), 3) << "the set must last longer first";
  EXPECT_GT(std::stoll(server().command({"PTTL", "scs:u:tom"})), 123h / 1ms);
  let_pass(server(), 99h);
  int visits = 0;
  store.for_each_of_user("tom", [&](const scs::session_id& visited, const scs::record&) {
    EXPECT_EQ(visited, id);
    ++visits;
    return scs::visit::next;
  });
  EXPECT_EQ(visits, 1);
  let_pass(server(), 100h);
  EXPECT_TRUE(keys().empty());
}

TEST_F(redis_store, keeps_the_set_alive_by_a_commit_that_prolongs_the_session) {
  redis store{options()};
  const auto id = new_id();
  const auto revision = store.commit(id, "", in(1h), std::nullopt, "tom").revision;
  EXPECT_EQ(store.commit(id, "", in(100h), revision, "tom").result, outcome::committed);
  EXPECT_GT(std::stoll(server().command({"PTTL", "scs:u:tom"})), 123h / 1ms);
}

TEST_F(redis_store, removes_a_users_entry_with_the_session) {
  redis store{options()};
  const auto erased = new_id(), moved = new_id(), kept = new_id();
  store.commit(erased, "", in(1h), std::nullopt, "tom");
  const auto revision = store.commit(moved, "", in(1h), std::nullopt, "tom").revision;
  store.commit(kept, "", in(1h), std::nullopt, "tom");
  store.erase(erased);
  store.commit(moved, "", in(1h), revision, "ann");
  EXPECT_EQ(server().command({"ZRANGE", "scs:u:tom", "0", "-1"}), kept.text());
  EXPECT_EQ(server().command({"ZRANGE", "scs:u:ann", "0", "-1"}), moved.text());
}

TEST_F(redis_store, removes_what_has_expired_from_a_users_set_with_the_next_session) {
  redis store{options()};
  for (int i = 0; i < 10; ++i)
    store.commit(new_id(), "", in(1h), std::nullopt, "tom");
  store.commit(new_id(), "", in(100h), std::nullopt, "tom");
  let_pass(server(), 26h);
  EXPECT_EQ(server().command({"ZCARD", "scs:u:tom"}), "11");
  store.commit(new_id(), "", in(1h), std::nullopt, "tom");
  EXPECT_EQ(server().command({"ZCARD", "scs:u:tom"}), "2");
}

// A crash between the two writes must not leave a session that a revocation of all would miss.
TEST_F(redis_store, writes_the_users_entry_before_the_session) {
  for (const char* forbidden : {"-set", "-zadd"}) {
    server().command({"FLUSHALL"});
    server().command({"ACL", "SETUSER", "web", "reset", "on", ">secret", "~*", "+@all", forbidden});
    redis_options limited = options();
    limited.user = "web";
    limited.password = "secret";
    redis store{limited};
    failure_of([&] { store.commit(new_id(), "", in(1h), std::nullopt, "tom"); });
    const std::set<std::string> left = forbidden == std::string{"-set"}
                                           ? std::set<std::string>{"scs:u:tom"}
                                           : std::set<std::string>{};
    EXPECT_EQ(keys(), left) << forbidden;
  }
  server().command({"ACL", "DELUSER", "web"});
}

// An erasure that removed the entry of a concurrent commit would hide that session from a
// revocation of all.
TEST_F(redis_store, does_not_remove_an_entry_that_was_renewed_meanwhile) {
  redis store{options()};
  const auto id = new_id();
  store.commit(id, "", in(1h), std::nullopt, "tom");
  const auto score = [&] {
    return server().command({"ZSCORE", "scs:u:tom", std::string{id.text()}});
  };
  const std::string first = score();
  EXPECT_EQ(store.commit(id, "", in(1h), std::nullopt, "tom").result, outcome::conflict);
  EXPECT_NE(score(), first) << "each call gives the entry another time";
  store.erase(id);
  EXPECT_NE(score(), "(nil)") << "the erased record was of the first";
  int visits = 0;
  store.for_each_of_user("tom", [&](const scs::session_id&, const scs::record&) {
    ++visits;
    return scs::visit::next;
  });
  EXPECT_EQ(visits, 0);
}

TEST_F(redis_store, refuses_a_user_that_is_too_long) {
  redis store{options()};
  failure_of([&] { store.commit(new_id(), "", in(1h), std::nullopt, std::string(256, 'u')); },
             scs::errc::too_large);
}

// --- many threads ---

TEST_F(redis_store, serves_more_threads_than_it_has_connections) {
  redis_options few = options();
  few.max_connections = 2;
  redis store{few};
  const long long before = server().info("total_connections_received");
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto id = new_id();
        const std::string payload{id.text()};
        store.commit(id, payload, in(1h), std::nullopt, "");
        if (store.find(id)->payload == payload) ++right;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(right, 400);
  EXPECT_EQ(server().info("total_connections_received") - before, 2 + 1 /* ours, to look */);
}

TEST(redis_quickstart, counts_visits) {
  const buntstore::testing::temporary_folder folder;
  process program{{REDIS_QUICKSTART, shared_server().address()}, folder.path()};
  EXPECT_EQ(program.wait(), 0) << program.errors();
  EXPECT_EQ(program.output(), "visit 1\nvisit 2\nvisit 3\n");
}

}  // namespace

}  // namespace test
