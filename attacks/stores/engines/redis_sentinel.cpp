// A Redis with a replica, and three sentinels that replace it when it fails.

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <scs/stores/redis.hpp>

#include "redis_sentinels.hpp"
#include "redis_server.hpp"
#include "stores/engines/engine.hpp"
#include "stores/engines/redis_faults.hpp"

namespace buntdb::attacks::stores {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds down_after{500};
/// Between the faults that are to end in a failover, a busy machine must not cause one.
constexpr std::chrono::minutes patience{10};

class sentinel_redis final : public engine {
 public:
  sentinel_redis() { require_program(test::redis_program()); }

  std::string prepare(model::random_source& random) override {
    if (!servers_) servers_.emplace(patience);
    heal();
    waits_ = random.one_in(2);
    return waits_ ? "wait_replicas 1" : "wait_replicas 0";
  }

  std::unique_ptr<scs::store> store_for(std::size_t) override {
    return std::make_unique<scs::stores::redis>(
        scs::stores::redis_options{.servers = servers_->addresses(),
                                   .mode = scs::stores::redis_mode::sentinel,
                                   .sentinel_master = test::redis_sentinels::name,
                                   .timeout = 1s,
                                   .connect_timeout = 500ms,
                                   .wait_replicas = waits_ ? 1 : 0,
                                   .wait_timeout = 200ms});
  }

  std::vector<fault> faults() override {
    std::vector<fault> all =
        common_redis_faults([this] { return std::vector{&servers_->server(servers_->master())}; });
    all.push_back({"master killed", [this](round_state& round) { kill_master(round); }});
    all.push_back({"master stands still", [this](round_state& round) { freeze_master(round); }});
    all.push_back({"failover ordered", [this](round_state& round) { order_failover(round); }});
    all.push_back({"sentinel stands still", [this](round_state& round) {
                     const std::size_t chosen = a_sentinel(round);
                     servers_->freeze_sentinel(chosen);
                     round.let_run(round.some(500, 2000));
                     servers_->thaw_sentinel(chosen);
                   }});
    all.push_back({"sentinel killed", [this](round_state& round) {
                     const std::size_t chosen = a_sentinel(round);
                     servers_->kill_sentinel(chosen);
                     round.let_run(round.some(300, 1500));
                     servers_->start_sentinel(chosen);
                   }});
    return all;
  }

  void heal() override {
    for (std::size_t i = 0; i < servers_->size(); ++i) {
      if (killed_ == i) {
        servers_->server(i).start();
        killed_.reset();
      }
      heal_redis(servers_->server(i));
    }
    if (!servers_->whole(60s)) throw std::runtime_error("no replica follows the master again");
  }

 private:
  static std::size_t a_sentinel(round_state& round) {
    return static_cast<std::size_t>(
        round.random.between(0, static_cast<std::int64_t>(test::redis_sentinels::count) - 1));
  }

  /// What is acknowledged from here on may be lost, unless a replica had to confirm it.
  void losses_begin(round_state& round, const char* why) const {
    constexpr std::chrono::seconds replication_lag{1};
    if (!waits_) round.model().losses_begin(now() - replication_lag, why);
  }
  void losses_end(round_state& round) const {
    constexpr std::chrono::milliseconds until_all_know{500};
    if (!waits_) round.model().losses_end(now() + until_all_know);
  }

  void set_down_after(std::chrono::milliseconds time) const {
    for (std::size_t i = 0; i < test::redis_sentinels::count; ++i) {
      servers_->ask(i, {"SENTINEL", "SET", test::redis_sentinels::name, "down-after-milliseconds",
                        std::to_string(time.count())});
    }
  }

  void await_master_other_than(std::size_t former) const {
    const bool replaced = test::eventually(
        [&] {
          for (std::size_t i = 0; i < test::redis_sentinels::count; ++i) {
            const auto seen = servers_->master_seen_by(i);
            if (!seen || *seen == former) return false;
          }
          return true;
        },
        60s);
    if (!replaced) throw std::runtime_error("no failover");
  }

  void kill_master(round_state& round) {
    const std::size_t master = servers_->master();
    losses_begin(round, "the master killed");
    servers_->server(master).kill();
    killed_ = master;
    set_down_after(down_after);
    await_master_other_than(master);
    set_down_after(patience);
    losses_end(round);
    round.let_run(round.some(0, 500));
  }

  void freeze_master(round_state& round) {
    const std::size_t master = servers_->master();
    const bool is_replaced = round.random.one_in(2);
    if (is_replaced) losses_begin(round, "the master stands still");
    servers_->server(master).freeze();
    if (is_replaced) {
      set_down_after(down_after);
      await_master_other_than(master);
      set_down_after(patience);
    } else {
      round.let_run(round.some(50, 300));
    }
    servers_->server(master).thaw();
    if (is_replaced) losses_end(round);
  }

  void order_failover(round_state& round) {
    const std::size_t master = servers_->master();
    losses_begin(round, "a failover was ordered");
    servers_->ask(a_sentinel(round), {"SENTINEL", "FAILOVER", test::redis_sentinels::name});
    await_master_other_than(master);
    losses_end(round);
  }

  bool waits_ = false;
  std::optional<std::size_t> killed_;
  std::optional<test::redis_sentinels> servers_;
};

}  // namespace

std::unique_ptr<engine> make_redis_sentinel() {
  return std::make_unique<sentinel_redis>();
}

}  // namespace buntdb::attacks::stores
