// buntdb_history: checks that an order of the commits explains what eight threads read and wrote.
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

#include "model/arguments.hpp"
#include "model/history/history.hpp"
#include "model/history/recorder.hpp"
#include "model/mismatch.hpp"

namespace {

using namespace buntdb;

/// A checker that never fails would be useless: each of these histories must be refused.
void require_that_it_can_fail() {
  const model::observed first{
      .began = 1, .ended = 2, .order = 1, .reads = {{0, 0}}, .writes = {{0, 7}}};
  const model::observed second{
      .began = 3, .ended = 4, .order = 2, .reads = {{0, 7}}, .writes = {{0, 8}}};
  const model::observed view{
      .began = 5, .ended = 6, .order = 2, .is_snapshot = true, .reads = {{0, 8}}};
  const auto refused = [](const char* what, const model::history& history) {
    model::require(!model::why_impossible(history, 1).empty(),
                   std::string("the checker accepts ") + what);
  };
  model::require(model::why_impossible({first, second, view}, 1).empty(),
                 "the checker refuses a good history");
  model::observed wrong = second;
  wrong.reads = {{0, 0}};
  refused("a lost update", {first, wrong, view});
  wrong = second;
  wrong.order = 1;
  refused("two commits on the same", {first, wrong, view});
  wrong = view;
  wrong.order = 1;
  wrong.reads = {{0, 7}};
  refused("a snapshot that misses a commit that had returned", {first, second, wrong});
  wrong.began = 3;
  wrong.reads = {{0, 8}};
  refused("a snapshot of half a commit", {first, second, wrong});
  wrong = first;
  wrong.began = 5;
  wrong.ended = 6;
  refused("commits in another order than they returned", {wrong, second});
}

}  // namespace

int main(int count, char** words) {
  const model::arguments wanted = model::parse(count, words);
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t rounds = 0;
  std::uint64_t accesses = 0;
  std::string where;
  try {
    require_that_it_can_fail();
    for (std::uint64_t seed = wanted.seed;; ++seed, ++rounds) {
      if (wanted.rounds && rounds == *wanted.rounds) break;
      if (wanted.seconds &&
          std::chrono::steady_clock::now() - begin >= std::chrono::seconds(*wanted.seconds)) {
        break;
      }
      for (const sync_policy policy : wanted.policies) {
        where = "--seed " + std::to_string(seed) + " --policy " + model::name_of(policy) + ": ";
        const model::history_plan plan{
            .seed = seed,
            .policy = policy,
            .steps = static_cast<unsigned>(wanted.operations.value_or(200))};
        const model::history seen = model::record(plan);
        accesses += seen.size();
        const std::string wrong = model::why_impossible(seen, plan.keys);
        if (!wrong.empty()) throw model::mismatch(wrong);
      }
    }
  } catch (const std::exception& failure) {
    std::cerr << where << failure.what() << '\n';
    return 1;
  }
  std::cout << "seeds " << wanted.seed << " to " << wanted.seed + rounds - 1 << ": " << accesses
            << " commits and snapshots of 8 threads, all explained\n";
  return 0;
}
