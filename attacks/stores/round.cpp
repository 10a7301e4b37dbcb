#include "stores/round.hpp"

#include <atomic>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scs/session_manager.hpp>

#include "model/mismatch.hpp"
#include "stores/model.hpp"
#include "stores/visitor.hpp"

namespace buntdb::attacks::stores {

namespace {

/// The threads of the load. They stop at the first violation.
class crowd {
 public:
  crowd(round_conditions& round, std::uint64_t seed, int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, &round, seed, i] {
        visitor each(round, seed * 1000 + static_cast<std::uint64_t>(i));
        work(each);
      });
    }
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd() { stop(); }

  bool has_failed() const noexcept { return failed_; }

  /// Throws the first violation, if there was one.
  void finish() {
    stop();
    if (violation_) std::rethrow_exception(violation_);
  }

 private:
  void stop() {
    stopping_ = true;
    for (std::thread& each : threads_)
      each.join();
    threads_.clear();
  }

  void work(visitor& each) noexcept {
    try {
      while (!stopping_)
        each.step();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!violation_) violation_ = std::current_exception();
      stopping_ = true;
      failed_ = true;
    }
  }

  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr violation_;
  std::vector<std::thread> threads_;
};

void heal(engine& servers, round_conditions& round) {
  round.full_since = 0;
  for (std::size_t i = 0; i < round.servers.size(); ++i) {
    round.servers[i].clock->set_ahead({});
    round.model.clock_is_right(i);
  }
  servers.heal();
}

/// Injects one fault after another, with a short pause after each.
void inject_faults(engine& servers, const crowd& load, round_state& round, const std::string& only,
                   figures& counts) {
  while (!load.has_failed() && !round.is_over()) {
    round.let_run(round.some(100, 600));
    std::vector<fault> chosen;
    for (fault& each : servers.faults()) {
      if (only.empty() || only == each.name) chosen.push_back(std::move(each));
    }
    if (chosen.empty() || round.is_over() || load.has_failed()) continue;
    const fault& next = round.random.pick(chosen);
    round.model().note_fault(next.name);
    next.inject(round);
    heal(servers, round.conditions);
    round.model().note_fault("end of: " + next.name);
    counts.add("faults");
    counts.add("x " + next.name);
  }
}

/// Tries these tokens on both web servers, with several threads. Returns those that are alive.
std::vector<token_state*> probe(round_conditions& round, std::uint64_t seed, std::size_t threads,
                                const std::vector<token_state*>& tokens) {
  std::mutex mutex;
  std::exception_ptr violation;
  std::vector<token_state*> alive;
  std::vector<std::thread> helpers;
  for (std::size_t i = 0; i < threads; ++i) {
    helpers.emplace_back([&, i] {
      std::vector<token_state*> share;
      for (std::size_t at = i; at < tokens.size(); at += threads)
        share.push_back(tokens[at]);
      try {
        const std::vector<token_state*> found = visitor(round, seed).probe_all(share);
        const std::lock_guard lock(mutex);
        alive.insert(alive.end(), found.begin(), found.end());
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!violation) violation = std::current_exception();
      }
    });
  }
  for (std::thread& each : helpers)
    each.join();
  if (violation) std::rethrow_exception(violation);
  return alive;
}

void look_at_everything(round_conditions& round, std::uint64_t seed, std::size_t threads) {
  const std::vector<token_state*> alive = probe(round, seed, threads, round.model.all());
  visitor last(round, seed);
  for (int user = 0; user < round.model.users(); ++user)
    last.end_user(user);
  probe(round, seed, threads, alive);
}

}  // namespace

void run_round(engine& servers, const std::string& name, std::uint64_t seed,
               const round_options& options, figures& counts) {
  model::random_source random(seed);
  const std::string configuration = servers.prepare(random);
  const bool limited = options.max_sessions ? *options.max_sessions != 0 : random.one_in(2);
  const std::size_t limit =
      limited ? static_cast<std::size_t>(options.max_sessions.value_or(2)) : 0;
  session_model model({.max_sessions_per_user = limit, .least_life = servers.lifetime() * 4 / 5},
                      counts);
  const auto new_manager = [&](std::unique_ptr<scs::store> store) {
    return std::make_shared<scs::session_manager>(
        std::move(store),
        scs::session_options{.lifetime = servers.lifetime(), .max_sessions_per_user = limit});
  };
  std::vector<web_server> web(2);
  for (std::size_t i = 0; i < web.size(); ++i) {
    web[i].clock->adopt_other_threads();
    web[i].replace(new_manager(servers.store_for(i)));
  }
  round_conditions conditions{model, web, counts, new_manager, servers.staleness()};
  model.note_fault(name + ", " + configuration + ", " +
                   (limited ? std::to_string(limit) + " sessions a user" : "no limit of sessions"));
  counts.add("x " + name + " " + configuration);
  try {
    crowd load(conditions, seed, options.threads);
    round_state round{conditions, random, now() + options.length};
    inject_faults(servers, load, round, options.only_fault, counts);
    load.finish();
    heal(servers, conditions);
    look_at_everything(conditions, seed, static_cast<std::size_t>(options.threads));
  } catch (const model::mismatch& violation) {
    throw model::mismatch(name + ": " + violation.what());
  }
}

}  // namespace buntdb::attacks::stores
