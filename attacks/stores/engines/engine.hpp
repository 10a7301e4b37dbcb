#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <scs/store.hpp>

#include "model/random_source.hpp"
#include "stores/visitor.hpp"

namespace buntdb::attacks::stores {

/// A round, as its faults see it.
struct round_state {
  round_conditions& conditions;
  model::random_source& random;
  moment until;

  session_model& model() const { return conditions.model; }
  bool is_over() const { return now() >= until; }
  /// Lets the load run for this long, but not beyond the end of the round.
  void let_run(std::chrono::milliseconds time) const;
  /// Returns a random duration.
  std::chrono::milliseconds some(std::int64_t least_ms, std::int64_t most_ms) const {
    return std::chrono::milliseconds{random.between(least_ms, most_ms)};
  }
};

/// A fault. When `inject` returns, the fault is over, except for effects that take longer.
struct fault {
  std::string name;
  std::function<void(round_state&)> inject;
};

/// Where the sessions of a round are, and the faults that can occur there. Used by the thread that
/// made it; the engine's servers end with that thread.
class engine {
 public:
  engine() = default;
  virtual ~engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Called before a round: chooses how the servers are set up, and returns a description.
  virtual std::string prepare(model::random_source& random) = 0;
  /// Returns the store of one web server.
  virtual std::unique_ptr<scs::store> store_for(std::size_t server) = 0;
  virtual std::vector<fault> faults() = 0;
  /// Returns when everything works again.
  virtual void heal() = 0;
  /// Returns how old answers may be.
  virtual std::chrono::nanoseconds staleness() const { return std::chrono::nanoseconds{0}; }
  /// Returns how long sessions live. A short life shows the effects of a wrong clock.
  virtual std::chrono::seconds lifetime() const { return std::chrono::hours{24}; }
};

/// Each throws attacks::skipped if its servers are not installed.
std::unique_ptr<engine> make_redis();
std::unique_ptr<engine> make_redis_tls();
std::unique_ptr<engine> make_redis_sentinel();
std::unique_ptr<engine> make_near_cache();
std::unique_ptr<engine> make_redis_cluster();
std::unique_ptr<engine> make_postgres();
std::unique_ptr<engine> make_bunt();
/// Sessions that move between two stores, and back again.
std::unique_ptr<engine> make_redis_postgres_move();
std::unique_ptr<engine> make_bunt_redis_move();
std::unique_ptr<engine> make_memory_redis_move();

/// Throws attacks::skipped unless the program is on the PATH or is a path of one.
void require_program(const std::string& name);

/// Returns a fault: the clock of the last web server is wrong for a while, by less than a store
/// must notice.
fault slightly_wrong_clock();

/// Adds the same faults with differences that the store must notice: a minute, and a day.
void add_wrong_clocks(std::vector<fault>& all);

}  // namespace buntdb::attacks::stores
