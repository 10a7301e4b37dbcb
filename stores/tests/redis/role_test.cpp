// A single server that is not a master, or no longer one. Its data may be old, so the store reads
// nothing from it. The store checks the role when a connection is made, and after a sign of a
// change.

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scs/session_manager.hpp>

#include "impatient_store.hpp"
#include "redis/connection/address.hpp"
#include "redis/connection/pool.hpp"
#include "redis/protocol/command.hpp"
#include "temporary_folder.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_options;
using testing::HasSubstr;

std::string link_to(const redis_server& master) {
  return "127.0.0.1 " + std::to_string(master.port());
}

/// Makes the server a replica of an address that does not answer, so that its data does not change.
void demote(redis_server& server) {
  EXPECT_EQ(server.command({"REPLICAOF", "127.0.0.1", "1"}), "OK");
}

void promote(redis_server& server) {
  EXPECT_EQ(server.command({"REPLICAOF", "NO", "ONE"}), "OK");
}

/// Whether the store works again. It fails until it tries new connections.
bool works_again(redis& store, const scs::session_id& id) {
  return eventually([&] {
    try {
      return store.find(id).has_value();
    } catch (const scs::error&) {
      return false;
    }
  });
}

/// Makes the store open this many connections, which are then idle.
void open_connections(redis& store, redis_server& server, long long count) {
  const long long before = server.info("connected_clients");
  EXPECT_TRUE(eventually([&] {
    std::vector<std::thread> threads;
    for (long long i = 0; i < 4 * count; ++i)
      threads.emplace_back([&] { store.find(new_id()); });
    for (std::thread& thread : threads)
      thread.join();
    return server.info("connected_clients") >= before + count - 1;
  }));
}

struct redis_roles : testing::Test {
  redis_server server;
  redis store{options_for(server)};
  const scs::session_id id = new_id();

  redis_roles() { store.commit(id, "payload", in(1h), std::nullopt, "tom"); }
};

TEST_F(redis_roles, a_demoted_master_answers_no_load_over_a_connection_from_before) {
  open_connections(store, server, 3);
  demote(server);
  EXPECT_THAT(failure_of([&] { store.find_with_watermark(id); }).text, HasSubstr("read-only"));
  // From now on the store uses only new connections.
  EXPECT_THAT(failure_of([&] { store.find(id); }).text, HasSubstr("read-only replica"));
  EXPECT_THAT(failure_of([&] { store.for_each([](auto&&...) { return scs::visit::next; }); }).text,
              HasSubstr("read-only replica"));
  EXPECT_TRUE(eventually([&] { return server.info("connected_clients") == 1; })) << "ours";
  promote(server);
  EXPECT_TRUE(works_again(store, id));
}

TEST_F(redis_roles, a_demoted_master_that_refuses_a_write_is_not_read_from) {
  for (const bool touches : {false, true}) {
    open_connections(store, server, 3);
    demote(server);
    EXPECT_EQ(store.find(id)->payload, "payload") << "no sign yet, and no watermark is at stake";
    if (touches) {
      failure_of([&] { store.touch(id, in(2h)); });
    } else {
      failure_of([&] { store.commit(new_id(), "x", in(1h), std::nullopt, ""); });
    }
    for (int i = 0; i < 10; ++i)
      EXPECT_THAT(failure_of([&] { store.find(id); }).text, HasSubstr("read-only replica"));
    promote(server);
    EXPECT_TRUE(works_again(store, id));
  }
}

TEST_F(redis_roles, a_watermark_is_not_read_from_a_demoted_master) {
  demote(server);
  failure_of([&] { store.find(scs::watermark_id("tom")); });
}

// Sentinel closes the connections, and so does a proxy that gets another target.
TEST_F(redis_roles, a_lost_connection_makes_all_others_be_made_anew) {
  open_connections(store, server, 3);
  demote(server);
  const std::string clients = server.command({"CLIENT", "LIST", "TYPE", "NORMAL"});
  const std::size_t cmd = clients.find("cmd=get");
  ASSERT_NE(cmd, std::string::npos) << clients;
  const std::size_t at = clients.rfind("id=", cmd) + 3;
  server.command({"CLIENT", "KILL", "ID", clients.substr(at, clients.find(' ', at) - at)});
  // The most recently used connection is used first, so use several at the same time.
  EXPECT_TRUE(eventually([&] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&] {
        try {
          store.find(id);
        } catch (const scs::error&) {  // the expected failure
        }
      });
    }
    for (std::thread& thread : threads)
      thread.join();
    try {
      store.find(id);
      return false;
    } catch (const scs::error& failure) {
      return std::string{failure.what()}.find("read-only replica") != std::string::npos;
    }
  }));
  promote(server);
  EXPECT_TRUE(works_again(store, id));
}

TEST_F(redis_roles, a_connection_in_use_during_the_sign_is_not_used_again) {
  using namespace scs::stores::redis_detail;
  const settings with{.options = options_for(server)};
  pool connections{{"127.0.0.1", static_cast<std::uint16_t>(server.port())}, with};
  const auto client_id = [&] {
    std::string text;
    append_command(text, {"CLIENT", "ID"});
    reply answer;
    connections.exchange(text, {&answer, 1}, deadline::in(5s));
    return answer->integer;
  };
  const long long first = client_id();
  EXPECT_EQ(client_id(), first);
  auto waiting = std::async(std::launch::async, [&] {
    std::string text;
    append_command(text, {"BLPOP", "list", "20"});
    reply answer;
    connections.exchange(text, {&answer, 1}, deadline::in(20s));
  });
  ASSERT_TRUE(eventually([&] { return server.info("blocked_clients") == 1; }));
  connections.distrust();
  server.command({"RPUSH", "list", "1"});
  waiting.get();
  EXPECT_NE(client_id(), first);
}

/// Whether the time source returns a time that is an hour later.
std::atomic<bool> hour_later = false;

// The server's name already leads to the successor. The store finds that out without a failed call.
TEST_F(redis_roles, an_idle_connection_to_a_demoted_master_is_replaced_by_one_to_its_successor) {
  using namespace scs::stores::redis_detail;
  redis_server successor;
  const buntstore::testing::temporary_folder folder;
  const std::string name = folder.file("redis");
  std::filesystem::create_symlink(server.socket_path(), name);
  hour_later = false;
  const settings with{.options = options_for(server)};
  pool connections{parse_address(name), with, {}, [] {
                     return connection::clock::now() + (hour_later ? 1h : 0h);
                   }};
  const auto port = [&] {
    std::string text;
    append_command(text, {"CONFIG", "GET", "port"});
    reply answer;
    connections.exchange(text, {&answer, 1}, deadline::in(5s));
    return std::stoi(std::string{text_of(*answer->element[1])});
  };
  EXPECT_EQ(port(), server.port());
  demote(server);
  std::filesystem::remove(name);
  std::filesystem::create_symlink(successor.socket_path(), name);
  EXPECT_EQ(port(), server.port()) << "not looked at yet";
  hour_later = true;
  EXPECT_EQ(port(), successor.port());
}

// After a failover, a visitor's session is revoked at the new master.
TEST_F(redis_roles, a_revoked_session_does_not_live_on_at_the_old_master) {
  redis_server successor{{"--replicaof", link_to(server)}};
  scs::session_manager here{std::make_unique<redis>(options_for(server))};
  scs::session session = here.load("");
  session.set_user("ann");
  here.commit(session);
  const std::string cookie = here.cookie_name() + "=" + session.token();
  EXPECT_EQ(here.load(cookie).user(), "ann");
  ASSERT_TRUE(
      eventually([&] { return successor.command({"DBSIZE"}) == server.command({"DBSIZE"}); }));
  promote(successor);
  demote(server);
  scs::session_manager there{std::make_unique<redis>(options_for(successor))};
  EXPECT_EQ(there.revoke_all("ann"), 1U);
  EXPECT_EQ(there.load(cookie).user(), "");
  for (int i = 0; i < 3; ++i)
    failure_of([&] { here.load(cookie).user(); });
}

TEST_F(redis_roles, a_watermark_counts_only_when_the_replicas_have_it) {
  redis_options options = options_for(server);
  options.wait_replicas = 1;
  options.wait_timeout = 50ms;
  scs::session_manager sessions{std::make_unique<redis>(options)};
  EXPECT_THAT(failure_of([&] { sessions.revoke_all("ann"); }).text,
              HasSubstr("only 0 of 1 replicas confirmed"));
  redis_server replica{{"--replicaof", link_to(server)}};
  EXPECT_TRUE(eventually([&] {
    try {
      sessions.revoke_all("bob");
      return true;
    } catch (const scs::error&) {
      return false;
    }
  }));
  EXPECT_EQ(replica.command({"EXISTS", "scs:s:w:=bob"}), "1") << "at once";
}

TEST_F(redis_roles, a_logout_that_finds_nothing_counts_only_when_the_replicas_know_it) {
  redis_options options = options_for(server);
  options.wait_replicas = 1;
  options.wait_timeout = 20ms;
  scs::session_manager sessions{std::make_unique<redis>(options)};
  scs::session_manager hasty{std::make_unique<redis>(options_for(server))};
  scs::session session = hasty.load("");
  session.set_user("ann");
  hasty.commit(session);
  const std::string cookie = hasty.cookie_name() + "=" + session.token();
  for (int i = 0; i < 3; ++i) {
    scs::session again = sessions.load(cookie);
    EXPECT_THAT(failure_of([&] { again.destroy(); }).text, HasSubstr("only 0 of 1 replicas"))
        << "logout " << i;
  }
}

/// Answers that depend on writes of other connections, while the replica is frozen and has not
/// received these writes. Before Redis 7.2, WAIT covers them without further writes.
struct redis_replicas : redis_roles {
  redis_replicas() {
    EXPECT_TRUE(eventually([&] { return succeeds([&] { store.erase(new_id()); }); }));
  }

  redis_options waiting() {
    redis_options options = options_for(server);
    options.wait_replicas = 1;
    options.wait_timeout = 50ms;
    return options;
  }

  template <class Call>
  static bool succeeds(Call call) {
    try {
      call();
      return true;
    } catch (const scs::error& failure) {
      EXPECT_THAT(failure.what(), HasSubstr("only 0 of 1 replicas"));
      return false;
    }
  }

  redis_server replica{{"--replicaof", link_to(server)}};
  redis store{waiting()};
  redis hasty{options_for(server)};
};

TEST_F(redis_replicas, confirm_an_erasure_by_another_server) {
  replica.freeze();
  EXPECT_TRUE(hasty.erase(id));
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(succeeds([&] { store.erase(id); })) << "logout " << i;
  replica.thaw();
  EXPECT_TRUE(eventually([&] { return succeeds([&] { EXPECT_FALSE(store.erase(id)); }); }));
  EXPECT_EQ(replica.command({"EXISTS", "scs:s:" + std::string{id.text()}}), "0");
}

TEST_F(redis_replicas, confirm_an_erasure_while_memory_is_full) {
  EXPECT_TRUE(hasty.erase(id));
  server.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_TRUE(eventually([&] { return succeeds([&] { EXPECT_FALSE(store.erase(id)); }); }));
  EXPECT_EQ(server.command({"EXISTS", "scs:s:" + std::string{id.text()}}), "0");
  server.command({"CONFIG", "SET", "maxmemory", "0"});
}

TEST_F(redis_replicas, confirm_a_watermark_that_another_server_has_extended) {
  const scs::session_id watermark = scs::watermark_id("tom");
  hasty.commit(watermark, "payload", in(1h), std::nullopt, "");
  const auto until = in(3h);
  replica.freeze();
  EXPECT_TRUE(hasty.touch(watermark, until));
  EXPECT_FALSE(succeeds([&] { store.touch(watermark, until); }));
  EXPECT_FALSE(succeeds([&] { store.touch(watermark, in(2h)); }));
  replica.thaw();
  EXPECT_TRUE(eventually([&] { return succeeds([&] { store.touch(watermark, until); }); }));
  EXPECT_EQ(store.find(watermark)->expiry, hasty.find(watermark)->expiry);
}

TEST_F(redis_roles, a_server_that_does_not_tell_its_role_is_not_used) {
  redis_server silent{{"--rename-command", "ROLE", ""}};
  redis other{options_for(silent)};
  EXPECT_THAT(failure_of([&] { other.find(id); }).text, HasSubstr("unknown command"));
}

}  // namespace

}  // namespace test
