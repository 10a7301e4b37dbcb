// buntdb_model: random operations on a database on a simulated disk, compared with a std::map.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>

#include <unistd.h>

#include "model/arguments.hpp"
#include "model/round.hpp"

namespace {

// For the handler of an assertion that fails inside the engine.
std::atomic<std::uint64_t> step = 0;
char where[160];

void say_where(int) {
  char text[240];
  const int size = std::snprintf(text, sizeof text, "%s, step %llu: the engine gave up\n", where,
                                 static_cast<unsigned long long>(step.load()));
  if (::write(STDERR_FILENO, text, static_cast<std::size_t>(size)) < 0) ::_exit(3);
}

}  // namespace

int main(int count, char** words) {
  using namespace buntdb;
  const model::arguments wanted = model::parse(count, words);
  const std::uint64_t operations = wanted.operations.value_or(1000);
  const auto begin = std::chrono::steady_clock::now();
  std::signal(SIGABRT, say_where);
  model::summary total;
  std::uint64_t rounds = 0;
  for (std::uint64_t seed = wanted.seed;; ++seed, ++rounds) {
    if (wanted.rounds && rounds == *wanted.rounds) break;
    if (wanted.seconds &&
        std::chrono::steady_clock::now() - begin >= std::chrono::seconds(*wanted.seconds)) {
      break;
    }
    for (const sync_policy policy : wanted.policies) {
      std::snprintf(where, sizeof where, "--seed %llu --policy %s --operations %llu",
                    static_cast<unsigned long long>(seed), model::name_of(policy).c_str(),
                    static_cast<unsigned long long>(operations));
      try {
        const model::summary done = model::run_round(seed, policy, operations, step);
        total.operations += done.operations;
        total.changes += done.changes;
        total.commits += done.commits;
        total.reopens += done.reopens;
        total.swept += done.swept;
        total.commits_lost += done.commits_lost;
        total.digest = total.digest * 31 + done.digest;
      } catch (const std::exception& failure) {
        std::cerr << where << ", step " << step << ": " << failure.what() << '\n';
        return 1;
      }
    }
  }
  std::cout << "seeds " << wanted.seed << " to " << wanted.seed + rounds - 1 << ": "
            << total.operations << " operations (" << total.changes << " changes in transactions), "
            << total.commits << " commits, " << total.reopens << " reopens, " << total.commits_lost
            << " commits lost to power cuts, " << total.swept << " items swept; digest " << std::hex
            << total.digest << '\n';
  return 0;
}
