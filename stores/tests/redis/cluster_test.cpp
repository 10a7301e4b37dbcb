// A store in a cluster: one that works, one whose slots move, and one that loses a master.

#include <algorithm>
#include <atomic>
#include <iostream>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "free_port.hpp"
#include "redis/routing/slots.hpp"
#include "shared_servers.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using scs::stores::redis;
using scs::stores::redis_mode;
using scs::stores::redis_options;
using testing::AllOf;
using testing::HasSubstr;
using outcome = scs::commit_result::outcome;

std::string key(const scs::session_id& id) {
  return "scs:s:" + std::string{id.text()};
}

redis_options options_for(redis_cluster& cluster, std::size_t seed = 0) {
  return {.servers = {cluster.node(seed).address()}, .mode = redis_mode::cluster};
}

TEST(redis_cluster_store, finds_its_way_from_any_node) {
  const auto id = new_id();
  redis{options_for(shared_cluster())}.commit(id, "payload", in(1h), std::nullopt, "");
  for (std::size_t seed = 0; seed < shared_cluster().size(); ++seed) {
    redis store{options_for(shared_cluster(), seed)};
    store.check();
    EXPECT_EQ(store.find(id)->payload, "payload") << "from node " << seed;
  }
  redis_options options = options_for(shared_cluster());
  options.servers = {"127.0.0.1:1", options.servers.front()};
  EXPECT_TRUE(redis{options}.find(id)) << "the first seed is down";
}

TEST(redis_cluster_store, spreads_sessions_and_users_over_all_masters) {
  redis store{options_for(shared_cluster())};
  std::set<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    const auto id = new_id();
    store.commit(id, id.text(), in(1h), std::nullopt, "user " + std::to_string(i % 7));
    expected.insert(std::string{id.text()});
  }
  for (std::size_t i = 0; i < redis_cluster::masters; ++i)
    EXPECT_GT(std::stoi(shared_cluster().node(i).command({"DBSIZE"})), 50);
  std::multiset<std::string> all, of_users;
  store.for_each([&](const scs::session_id& id, const scs::record&) {
    if (expected.contains(std::string{id.text()})) all.emplace(id.text());
    return scs::visit::next;
  });
  EXPECT_EQ(all.size(), expected.size());
  for (int user = 0; user < 7; ++user) {
    store.for_each_of_user("user " + std::to_string(user),
                           [&](const scs::session_id& id, const scs::record& record) {
                             EXPECT_EQ(record.payload, id.text());
                             of_users.emplace(id.text());
                             return scs::visit::next;
                           });
  }
  EXPECT_EQ(of_users, all);
}

/// Moves a slot from one master to another, key by key.
class moving_slot {
 public:
  moving_slot(redis_cluster& cluster, const scs::session_id& id)
      : cluster_(cluster),
        slot_(std::to_string(scs::stores::redis_detail::slot_of(key(id)))),
        from_(cluster.owner_of(key(id), 0)),
        to_((from_ + 1) % redis_cluster::masters) {
    EXPECT_EQ(to().command({"CLUSTER", "SETSLOT", slot_, "IMPORTING", id_of(from_)}), "OK");
    EXPECT_EQ(from().command({"CLUSTER", "SETSLOT", slot_, "MIGRATING", id_of(to_)}), "OK");
  }
  void move_key(const scs::session_id& id) {
    EXPECT_EQ(
        from().command({"MIGRATE", "127.0.0.1", std::to_string(to().port()), key(id), "0", "5000"}),
        "OK");
  }
  void finish() {
    for (const std::size_t i : {to_, from_, 3 - to_ - from_})
      EXPECT_EQ(cluster_.node(i).command({"CLUSTER", "SETSLOT", slot_, "NODE", id_of(to_)}), "OK");
  }
  redis_server& from() { return cluster_.node(from_); }
  redis_server& to() { return cluster_.node(to_); }

 private:
  std::string id_of(std::size_t node) { return cluster_.node(node).command({"CLUSTER", "MYID"}); }

  redis_cluster& cluster_;
  const std::string slot_;
  const std::size_t from_;
  const std::size_t to_;
};

/// Returns the id of a session that is alone in its slot, so that it can be moved with the slot.
scs::session_id id_in_an_empty_slot() {
  for (;;) {
    const scs::session_id id = new_id();
    const std::string slot = std::to_string(scs::stores::redis_detail::slot_of(key(id)));
    const redis_server& owner = shared_cluster().node(shared_cluster().owner_of(key(id), 0));
    if (owner.command({"CLUSTER", "COUNTKEYSINSLOT", slot}) == "0") return id;
  }
}

scs::session_id id_in_slots_below(unsigned limit) {
  for (;;) {
    const scs::session_id id = new_id();
    if (scs::stores::redis_detail::slot_of(key(id)) < limit) return id;
  }
}

TEST(redis_cluster_store, follows_a_slot_that_moves) {
  redis store{options_for(shared_cluster())};
  const auto id = id_in_an_empty_slot();
  std::string revision = store.commit(id, "0", in(1h), std::nullopt, "tom").revision;
  const auto use = [&](const std::string& payload) {
    EXPECT_TRUE(store.find(id));
    EXPECT_TRUE(store.touch(id, in(2h)));
    const auto done = store.commit(id, payload, in(1h), revision, "tom");
    ASSERT_EQ(done.result, outcome::committed);
    revision = done.revision;
    EXPECT_EQ(store.find(id)->payload, payload);
    int visits = 0;
    store.for_each_of_user("tom", [&](const scs::session_id& visited, const scs::record&) {
      visits += visited == id ? 1 : 0;
      return scs::visit::next;
    });
    EXPECT_EQ(visits, 1);
    visits = 0;
    store.for_each([&](const scs::session_id& visited, const scs::record&) {
      visits += visited == id ? 1 : 0;
      return scs::visit::next;
    });
    EXPECT_EQ(visits, 1);
  };
  use("1");
  moving_slot slot{shared_cluster(), id};
  use("2");
  slot.move_key(id);
  slot.to().command({"SCRIPT", "FLUSH"});
  use("3");  // -ASK
  EXPECT_EQ(slot.to().command({"DBSIZE"}) == "0", false);
  slot.finish();
  use("4");  // -MOVED
  EXPECT_TRUE(store.erase(id));
  EXPECT_FALSE(store.find(id));
}

TEST(redis_cluster_store, learns_of_moved_slots_once) {
  redis store{options_for(shared_cluster())};
  const auto id = id_in_an_empty_slot();
  store.commit(id, "payload", in(1h), std::nullopt, "");
  moving_slot slot{shared_cluster(), id};
  slot.move_key(id);
  slot.finish();
  EXPECT_TRUE(store.find(id));
  slot.from().command({"CONFIG", "RESETSTAT"});
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(store.find(id));
  EXPECT_EQ(slot.from().info("cmdstat_get"), 0) << "asked where it is no more";
}

TEST(redis_cluster_store, waits_for_replicas_when_told_to) {
  redis_options options = options_for(shared_cluster());
  options.wait_replicas = 1;
  redis store{options};
  const auto id = new_id();
  const auto done = store.commit(id, "payload", in(1h), std::nullopt, "tom");
  EXPECT_EQ(done.result, outcome::committed);
  EXPECT_EQ(store.commit(id, "x", in(1h), "another", "tom").result, outcome::conflict);
  EXPECT_TRUE(store.erase(id));
  options.wait_replicas = 2;
  options.wait_timeout = 50ms;
  redis demanding{options};
  EXPECT_THAT(failure_of([&] { demanding.commit(id, "", in(1h), std::nullopt, ""); }).text,
              HasSubstr("only 1 of 2 replicas"));
}

TEST(redis_cluster_store, says_that_the_cluster_is_down) {
  redis_server node{{"--cluster-enabled", "yes", "--cluster-port", std::to_string(free_port())}};
  ASSERT_EQ(node.command({"CLUSTER", "ADDSLOTSRANGE", "0", "16000"}), "OK");
  redis_options options{.servers = {node.address()}, .mode = redis_mode::cluster};
  options.timeout = options.connect_timeout = 200ms;
  redis store{options};
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(failure_of([&] { store.find(id_in_slots_below(16000)); }).text,
                AllOf(HasSubstr("CLUSTERDOWN"), HasSubstr("cluster-require-full-coverage no")));
  }
}

// --- losing a master: on a separate cluster with a short node timeout ---

class redis_failover : public testing::Test {
 protected:
  redis_failover() {
    options_ = options_for(cluster());
    for (std::size_t i = 1; i < cluster().size(); ++i)
      options_.servers.push_back(cluster().node(i).address());
    options_.timeout = 500ms;
    options_.connect_timeout = 500ms;
    options_.wait_replicas = 1;
    options_.wait_timeout = 300ms;
  }

  static redis_cluster& cluster() {
    static redis_cluster shared{700ms};
    return shared;
  }
  /// Returns a node that is a master now, other than `other`.
  static std::size_t a_master(std::size_t other) {
    for (const std::size_t node : cluster().masters_seen_by(other)) {
      if (node != other) return node;
    }
    throw std::runtime_error("no master");
  }
  /// Returns the offset up to which the replica of a master has confirmed the replication stream.
  static long long replicated(const redis_server& master) {
    const std::string text = master.command({"INFO", "replication"});
    const auto at = text.find("state=online,offset=");
    return at == std::string::npos ? -1 : std::stoll(text.substr(at + 20));
  }

  redis_options options_;
};

constexpr auto margin = 2000ms;

/// Calls it again until it throws no scs::error.
template <class Call>
bool eventually_without_error(Call call) {
  return eventually([&] {
    try {
      call();
      return true;
    } catch (const scs::error&) {
      return false;
    }
  });
}

/// Returns what the store finds, and repeats the call while it throws. Nodes that vote wait for
/// their disk, so any of them may be slow for a moment.
std::optional<scs::record> answer_for(redis& store, const scs::session_id& id) {
  std::optional<scs::record> found;
  EXPECT_TRUE(eventually([&] {
    try {
      found = store.find(id);
      return true;
    } catch (const scs::error& failure) {
      EXPECT_EQ(failure.code(), scs::errc::store_failed) << failure.what();
      return false;
    }
  }));
  return found;
}

/// Commits until it is stopped, and remembers the acknowledged sessions.
class busy_servers {
 public:
  explicit busy_servers(redis& store) : store_(store) {
    for (int t = 0; t < 3; ++t)
      threads_.emplace_back([this] { work(); });
  }
  ~busy_servers() { stop(); }

  std::size_t acknowledged() const {
    const std::lock_guard lock{mutex_};
    return sessions_.size();
  }
  std::vector<scs::session_id> stop() {
    stopping_ = true;
    for (std::thread& thread : threads_)
      thread.join();
    threads_.clear();
    return sessions_;
  }
  int failures() const { return failures_; }
  std::chrono::milliseconds slowest() const { return std::chrono::milliseconds{slowest_}; }

 private:
  void work() {
    while (!stopping_) {
      const auto id = new_id();
      const auto begun = std::chrono::steady_clock::now();
      try {
        const auto done = store_.commit(id, id.text(), in(1h), std::nullopt, "tom");
        EXPECT_EQ(done.result, outcome::committed);
        const std::lock_guard lock{mutex_};
        sessions_.push_back(id);
      } catch (const scs::error& failure) {
        EXPECT_EQ(failure.code(), scs::errc::store_failed) << failure.what();
        EXPECT_EQ(std::string{failure.what()}.find(id.text()), std::string::npos);
        ++failures_;
      }
      const auto took = (std::chrono::steady_clock::now() - begun) / 1ms;
      const std::lock_guard lock{mutex_};
      slowest_ = std::max<long>(slowest_, took);
    }
  }

  redis& store_;
  mutable std::mutex mutex_;
  std::vector<scs::session_id> sessions_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> failures_{0};
  std::atomic<long> slowest_{0};
  std::vector<std::thread> threads_;
};

TEST_F(redis_failover, loses_nothing_that_replicas_have_when_a_master_is_killed) {
  redis store{options_};
  const std::size_t witness = 5;
  const std::size_t victim = a_master(witness);
  busy_servers busy{store};
  ASSERT_TRUE(eventually([&] { return busy.acknowledged() > 1000; }));
  const auto killed_at = std::chrono::steady_clock::now();
  cluster().node(victim).kill();
  ASSERT_TRUE(eventually([&] {
    const auto masters = cluster().masters_seen_by(witness);
    return masters.size() == redis_cluster::masters &&
           std::count(masters.begin(), masters.end(), victim) == 0;
  }));
  // The same store serves all slots again.
  EXPECT_TRUE(eventually_without_error([&] {
    for (int i = 0; i < 20; ++i)
      store.find(new_id());
  }));
  std::cout << "served again after " << (std::chrono::steady_clock::now() - killed_at) / 1ms
            << " ms; ";
  // A master without replicas cannot confirm a write, which throws. Its sessions can be read.
  const auto sessions = busy.stop();
  std::cout << sessions.size() << " acknowledged, " << busy.failures() << " errors, the slowest "
            << busy.slowest().count() << " ms\n";
  EXPECT_LT(busy.slowest(), options_.timeout + margin);
  std::size_t lost = 0;
  for (const auto& id : sessions)
    lost += answer_for(store, id) ? 0 : 1;
  EXPECT_EQ(lost, 0U);
  std::set<scs::session_id> listed;
  EXPECT_TRUE(eventually_without_error([&] {
    store.for_each_of_user("tom", [&](const scs::session_id& id, const scs::record&) {
      listed.insert(id);
      return scs::visit::next;
    });
  }));
  for (const auto& id : sessions)
    EXPECT_TRUE(listed.contains(id)) << "a revocation of all would miss it";

  // The killed node returns as a replica, and the store works as before.
  cluster().node(victim).start();
  EXPECT_TRUE(eventually_without_error([&] {
    for (int i = 0; i < 20; ++i)
      store.commit(new_id(), "", in(1h), std::nullopt, "");
  }));
}

TEST_F(redis_failover, gives_errors_in_time_while_a_master_stands_still_and_then_goes_on) {
  options_.wait_replicas = 0;
  redis store{options_};
  // A session on the node that will be frozen, and one on another node.
  const std::size_t witness = 4;
  const std::size_t victim = a_master(witness);
  scs::session_id there = new_id(), elsewhere = new_id();
  while (cluster().owner_of(key(there), witness) != victim)
    there = new_id();
  while (cluster().owner_of(key(elsewhere), witness) == victim)
    elsewhere = new_id();
  const auto revision = store.commit(there, "payload", in(1h), std::nullopt, "").revision;
  store.commit(elsewhere, "payload", in(1h), std::nullopt, "");
  // The replica has received the session.
  ASSERT_TRUE(eventually([&] {
    const redis_server& node = cluster().node(victim);
    return node.command({"INFO", "replication"}).find("state=online") != std::string::npos &&
           node.info("master_repl_offset") <= replicated(node);
  }));

  cluster().node(victim).freeze();
  const auto found = failure_of([&] { store.find(there); });
  EXPECT_LT(found.after, options_.timeout + margin);
  const auto committed = failure_of([&] { store.commit(there, "next", in(1h), revision, ""); });
  EXPECT_LT(committed.after, options_.timeout + margin);
  EXPECT_TRUE(answer_for(store, elsewhere)) << "the others go on";
  EXPECT_TRUE(answer_for(store, there)) << "as if logged out";
  // A commit that timed out may have taken place.
  scs::commit_result next;
  ASSERT_TRUE(eventually([&] {
    try {
      next = store.commit(there, "next", in(1h), store.find(there)->revision, "");
      return true;
    } catch (const scs::error&) {
      return false;
    }
  }));
  EXPECT_EQ(next.result, outcome::committed);
  cluster().node(victim).thaw();
  EXPECT_TRUE(
      eventually([&] { return cluster().node(victim).command({"ROLE"}).starts_with("slave"); }));
  const auto last = answer_for(store, there);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->payload, "next");
  EXPECT_EQ(last->revision, next.revision);
}

}  // namespace

}  // namespace test
