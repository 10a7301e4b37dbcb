// A site that moves its sessions: its processes are restarted stage by stage, either gracefully or
// by being killed between any two calls, from one store to the other and back again, as long as the
// round lasts. The servers of the two stores fail meanwhile, in ways that lose nothing.

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scs/session_manager.hpp>
#include <scs/stores/memory.hpp>
#include <scs/stores/moving.hpp>

#include "redis_server.hpp"
#include "stores/engines/engine.hpp"
#include "stores/engines/mortal_store.hpp"

namespace buntdb::attacks::stores {

namespace {

using namespace std::chrono_literals;
using scs::stores::moving;
using scs::stores::moving_stage;

/// The storage of a site that is in one process: all of its parts see the same memory.
class process_memory final : public engine {
 public:
  std::string prepare(model::random_source&) override {
    memory_ = std::make_shared<scs::stores::memory>();
    return "memory";
  }
  std::unique_ptr<scs::store> store_for(std::size_t) override {
    return std::make_unique<mortal_store>(memory_, std::make_shared<process_life>());
  }
  std::vector<fault> faults() override { return {}; }
  void heal() override {}

 private:
  std::shared_ptr<scs::store> memory_;
};

/// The stage that a process has reached.
enum class stage { old_store, prepare, move, new_store };

class moving_site final : public engine {
 public:
  moving_site(std::unique_ptr<engine> one, std::unique_ptr<engine> other)
      : ends_{std::move(one), std::move(other)} {}

  std::string prepare(model::random_source& random) override {
    from_ = 0;
    all_ = {stage::old_store, stage::old_store};
    return ends_[0]->prepare(random) + " to " + ends_[1]->prepare(random);
  }

  std::unique_ptr<scs::store> store_for(std::size_t server) override {
    return begin_process(server, stage::old_store);
  }

  std::vector<fault> faults() override {
    std::vector<fault> all;
    all.push_back({"a step back", [this](round_state& round) { take_step_back(round); }});
    all.push_back({"process killed", [this](round_state& round) {
                     const std::size_t server = round.random.below(all_.size());
                     replace(round, server, all_[server], ending::by_kill);
                   }});
    // These lose nothing that was acknowledged.
    constexpr std::array harmless{
        "killed",        "restarted", "stands still", "clients disconnected", "connections ended",
        "backend killed"};
    for (const auto& end : ends_) {
      for (fault& each : end->faults()) {
        if (std::find(harmless.begin(), harmless.end(), each.name) != harmless.end())
          all.push_back(std::move(each));
      }
    }
    // Half of them, so that a round contains whole moves.
    for (std::size_t others = all.size(); others > 0; --others)
      all.push_back({"next step", [this](round_state& round) { take_next_step(round); }});
    return all;
  }

  void heal() override {
    for (const auto& end : ends_)
      end->heal();
  }

 private:
  enum class ending { in_order, by_kill };

  std::unique_ptr<scs::store> end_of(std::size_t which, std::size_t server,
                                     const std::shared_ptr<process_life>& life) {
    return std::make_unique<mortal_store>(ends_[which]->store_for(server), life);
  }

  /// Returns the store of a new process.
  std::unique_ptr<scs::store> begin_process(std::size_t server, stage at) {
    lives_[server] = std::make_shared<process_life>();
    all_[server] = at;
    if (at == stage::old_store) return end_of(from_, server, lives_[server]);
    if (at == stage::new_store) return end_of(1 - from_, server, lives_[server]);
    return between(server, at == stage::move ? moving_stage::move : moving_stage::prepare,
                   lives_[server]);
  }

  std::unique_ptr<moving> between(std::size_t server, moving_stage at,
                                  const std::shared_ptr<process_life>& life) {
    return std::make_unique<moving>(end_of(from_, server, life), end_of(1 - from_, server, life),
                                    scs::stores::moving_options{.stage = at});
  }

  /// Replaces a process. One that ends gracefully completes its requests while its successor
  /// accepts new ones.
  void replace(round_state& round, std::size_t server, stage at, ending how) {
    web_server& web = round.conditions.servers[server];
    if (how == ending::by_kill) {
      lives_[server]->end_after(static_cast<int>(round.random.below(12)));
      round.let_run(round.some(0, 30));
      lives_[server]->end();
      round.conditions.counts.add("processes killed");
    }
    auto before = web.replace(round.conditions.new_manager(begin_process(server, at)));
    const bool ended = test::eventually([&] { return before.use_count() == 1; }, 60s);
    if (!ended) throw std::runtime_error("a request does not end");
    round.model().note_fault("server " + std::to_string(server) + " is in stage " +
                             std::to_string(static_cast<int>(at)));
  }

  void replace_all(round_state& round, stage at) {
    for (std::size_t server = 0; server < all_.size(); ++server) {
      if (all_[server] == at) continue;
      round.let_run(round.some(50, 400));
      replace(round, server, at, round.random.one_in(3) ? ending::by_kill : ending::in_order);
      round.conditions.counts.add("restarts");
    }
  }

  void take_next_step(round_state& round) {
    switch (all_[0]) {
      case stage::old_store:
        return replace_all(round, stage::prepare);
      case stage::prepare:
        return replace_all(round, stage::move);
      case stage::move:
        round.let_run(round.some(100, 600));
        move_rest(round);
        replace_all(round, stage::new_store);
        round.conditions.counts.add("whole moves");
        // And back again.
        from_ = 1 - from_;
        all_.fill(stage::old_store);
        return;
      case stage::new_store:
        break;
    }
  }

  /// Moves all processes back to the stage before, if a step back is possible at their stage.
  void take_step_back(round_state& round) {
    if (all_[0] == stage::prepare) {
      // Sessions may have moved before; a server with only the old store would not find them.
      return;
    }
    if (all_[0] != stage::move) return;
    replace_all(round, stage::prepare);
    round.conditions.counts.add("steps back");
  }

  /// Moves the remaining sessions in a separate process, which is killed a few times.
  void move_rest(round_state& round) {
    constexpr std::size_t most_kills = 3;
    const std::size_t kills = round.random.below(most_kills + 1);
    const moment give_up = now() + 60s;
    for (std::size_t i = 0;; ++i) {
      const auto life = std::make_shared<process_life>();
      if (i < kills) life->end_after(static_cast<int>(round.random.below(200)));
      try {
        round.conditions.counts.add("sessions moved at rest",
                                    between(0, moving_stage::move, life)->move_rest());
        if (i >= kills) return;
      } catch (const scs::error&) {
        if (now() > give_up) throw;
      }
    }
  }

  const std::array<std::unique_ptr<engine>, 2> ends_;
  std::size_t from_ = 0;  ///< which of the ends is the old store
  std::array<stage, 2> all_{};
  std::array<std::shared_ptr<process_life>, 2> lives_{};
};

}  // namespace

std::unique_ptr<engine> make_redis_postgres_move() {
  return std::make_unique<moving_site>(make_redis(), make_postgres());
}

std::unique_ptr<engine> make_bunt_redis_move() {
  return std::make_unique<moving_site>(make_bunt(), make_redis());
}

std::unique_ptr<engine> make_memory_redis_move() {
  return std::make_unique<moving_site>(std::make_unique<process_memory>(), make_redis());
}

}  // namespace buntdb::attacks::stores
