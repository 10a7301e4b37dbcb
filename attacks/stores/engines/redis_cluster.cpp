// A Redis Cluster of three masters and their replicas.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <scs/stores/redis.hpp>

#include "redis_server.hpp"
#include "stores/engines/engine.hpp"
#include "stores/engines/redis_faults.hpp"

namespace buntdb::attacks::stores {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds node_timeout{700};

class cluster final : public engine {
 public:
  cluster() { require_program(test::redis_program()); }

  std::string prepare(model::random_source& random) override {
    if (!nodes_) nodes_.emplace(node_timeout);
    heal();
    waits_ = random.one_in(2);
    return waits_ ? "wait_replicas 1" : "wait_replicas 0";
  }

  std::unique_ptr<scs::store> store_for(std::size_t server) override {
    return std::make_unique<scs::stores::redis>(scs::stores::redis_options{
        .servers = {nodes_->node(server).address(), nodes_->node(server + 2).address()},
        .mode = scs::stores::redis_mode::cluster,
        .timeout = 1s,
        .connect_timeout = 500ms,
        .wait_replicas = waits_ ? 1 : 0,
        .wait_timeout = 200ms});
  }

  std::vector<fault> faults() override {
    std::vector<fault> all = common_redis_faults([this] { return masters(); });
    all.push_back({"master killed", [this](round_state& round) { kill_a_master(round); }});
    all.push_back({"master stands still", [this](round_state& round) { freeze_a_master(round); }});
    all.push_back({"failover", [this](round_state& round) { fail_over(round, {}); }});
    all.push_back({"failover by force", [this](round_state& round) { fail_over(round, "FORCE"); }});
    all.push_back({"takeover", [this](round_state& round) { fail_over(round, "TAKEOVER"); }});
    all.push_back({"takeover by a replica that is behind",
                   [this](round_state& round) { take_over_late(round); }});
    all.push_back({"slots moved", [this](round_state& round) { move_slots(round); }});
    return all;
  }

  void heal() override {
    for (std::size_t i = 0; i < nodes_->size(); ++i) {
      if (killed_ == i) {
        nodes_->node(i).start();
        killed_.reset();
      }
      heal_redis(nodes_->node(i));
      follow_again(nodes_->node(i));
    }
    const bool whole = test::eventually([this] { return is_whole(); }, 30s);
    if (!whole) throw std::runtime_error("the cluster is not whole again");
  }

 private:
  struct shard {
    std::size_t master;
    std::size_t replica;
  };

  std::vector<std::string> role_of(std::size_t index) const {
    std::istringstream words{nodes_->node(index).command({"ROLE"})};
    std::vector<std::string> role;
    for (std::string word; words >> word;)
      role.push_back(word);
    return role;
  }

  std::vector<test::redis_server*> masters() const {
    std::vector<test::redis_server*> found;
    for (std::size_t i = 0; i < nodes_->size(); ++i) {
      if (killed_ != i && role_of(i).front() == "master") found.push_back(&nodes_->node(i));
    }
    return found;
  }

  /// Returns whether there are three masters, each with a complete replica, and all nodes agree.
  bool is_whole() const {
    try {
      std::size_t replicas = 0;
      for (std::size_t i = 0; i < nodes_->size(); ++i) {
        const std::vector<std::string> role = role_of(i);
        if (role.front() == "slave" && role.size() > 3 && role[3] == "connected") ++replicas;
        if (role.front() == "master" && role.size() < 5) return false;
        if (nodes_->node(i).command({"CLUSTER", "INFO"}).find("cluster_state:ok") ==
            std::string::npos) {
          return false;
        }
        if (nodes_->masters_seen_by(i).size() != 3) return false;
      }
      return replicas == 3;
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  /// Returns a random master and its replica.
  shard any_shard(model::random_source& random) const {
    std::vector<shard> all;
    for (std::size_t i = 0; i < nodes_->size(); ++i) {
      const std::vector<std::string> role = role_of(i);
      if (role.front() != "slave") continue;
      for (std::size_t j = 0; j < nodes_->size(); ++j) {
        if (std::to_string(nodes_->node(j).port()) == role[2]) all.push_back({j, i});
      }
    }
    if (all.empty()) throw std::runtime_error("the cluster has no replica");
    return random.pick(all);
  }

  bool becomes_master(std::size_t index) const {
    return test::eventually(
        [&] {
          try {
            return role_of(index).front() == "master" && nodes_->masters_seen_by(index).size() == 3;
          } catch (const std::runtime_error&) {
            return false;
          }
        },
        15s);
  }

  /// What is acknowledged from now on may be lost, unless a replica had to confirm it.
  void losses_begin(round_state& round, const char* why) const {
    constexpr std::chrono::seconds replication_lag{1};
    if (!waits_) round.model().losses_begin(now() - replication_lag, why);
  }
  void losses_end(round_state& round) const {
    constexpr std::chrono::milliseconds until_all_know{500};
    if (!waits_) round.model().losses_end(now() + until_all_know);
  }

  void kill_a_master(round_state& round) {
    const shard chosen = any_shard(round.random);
    losses_begin(round, "a master killed");
    nodes_->node(chosen.master).kill();
    killed_ = chosen.master;
    if (!becomes_master(chosen.replica)) throw std::runtime_error("no failover");
    losses_end(round);
    round.let_run(round.some(0, 500));
  }

  void freeze_a_master(round_state& round) {
    const shard chosen = any_shard(round.random);
    const bool is_replaced = round.random.one_in(2);
    if (is_replaced) losses_begin(round, "a master stands still");
    nodes_->node(chosen.master).freeze();
    if (is_replaced) {
      becomes_master(chosen.replica);
    } else {
      round.let_run(round.some(100, 400));
    }
    nodes_->node(chosen.master).thaw();
    if (is_replaced) losses_end(round);
  }

  void fail_over(round_state& round, const std::string& how) {
    const shard chosen = any_shard(round.random);
    if (!how.empty()) losses_begin(round, how.c_str());
    std::vector<std::string> words{"CLUSTER", "FAILOVER"};
    if (!how.empty()) words.push_back(how);
    nodes_->node(chosen.replica).command(words);
    becomes_master(chosen.replica);
    if (!how.empty()) losses_end(round);
  }

  /// Lets a replica take over with old data: a wrong user name separates it from its master before.
  void take_over_late(round_state& round) {
    const shard chosen = any_shard(round.random);
    losses_begin(round, "a takeover by a replica that is behind");
    test::redis_server& replica = nodes_->node(chosen.replica);
    replica.command({"CONFIG", "SET", "masteruser", "nobody"});
    replica.command({"CONFIG", "SET", "masterauth", "nothing"});
    nodes_->node(chosen.master).command({"CLIENT", "KILL", "TYPE", "replica"});
    round.let_run(round.some(500, 1500));
    replica.command({"CLUSTER", "FAILOVER", "TAKEOVER"});
    becomes_master(chosen.replica);
    follow_again(replica);
    losses_end(round);
  }

  static void follow_again(test::redis_server& node) {
    node.command({"CONFIG", "SET", "masteruser", ""});
    node.command({"CONFIG", "SET", "masterauth", ""});
  }

  /// Moves a few slots from one master to another, with all their keys, while they are in use.
  void move_slots(round_state& round) {
    const std::size_t from = any_shard(round.random).master;
    std::size_t to = from;
    while (to == from)
      to = any_shard(round.random).master;
    test::redis_server& source = nodes_->node(from);
    test::redis_server& target = nodes_->node(to);
    const std::string source_id = source.command({"CLUSTER", "MYID"});
    const std::string target_id = target.command({"CLUSTER", "MYID"});
    for (int i = 0; i < 40 && !round.is_over(); ++i) {
      const auto slot = a_slot_of(source);
      if (!slot) return;
      target.command({"CLUSTER", "SETSLOT", *slot, "IMPORTING", source_id});
      source.command({"CLUSTER", "SETSLOT", *slot, "MIGRATING", target_id});
      move_keys(source, target, *slot);
      for (test::redis_server* const each : {&target, &source})
        each->command({"CLUSTER", "SETSLOT", *slot, "NODE", target_id});
    }
  }

  /// Returns a slot of the node that has keys, as most slots have soon.
  static std::optional<std::string> a_slot_of(const test::redis_server& node) {
    std::istringstream keys{node.command({"RANDOMKEY"})};
    std::string key;
    if (!(keys >> key) || key == "(nil)") return std::nullopt;
    return node.command({"CLUSTER", "KEYSLOT", key});
  }

  static void move_keys(test::redis_server& source, test::redis_server& target,
                        const std::string& slot) {
    for (;;) {
      std::istringstream keys{source.command({"CLUSTER", "GETKEYSINSLOT", slot, "10"})};
      std::vector<std::string> words{"MIGRATE", "127.0.0.1", std::to_string(target.port()), "", "0",
                                     "5000",    "KEYS"};
      const std::size_t before = words.size();
      for (std::string key; keys >> key;)
        words.push_back(key);
      if (words.size() == before) return;
      source.command(words);
    }
  }

  bool waits_ = false;
  std::optional<std::size_t> killed_;
  std::optional<test::redis_cluster> nodes_;
};

}  // namespace

std::unique_ptr<engine> make_redis_cluster() {
  return std::make_unique<cluster>();
}

}  // namespace buntdb::attacks::stores
