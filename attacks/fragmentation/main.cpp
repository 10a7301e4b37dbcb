// Sixty rounds of a hundred thousand items of one size, which differs from round to round; one in
// forty of them stays. Measures the memory that the database then keeps, with its own pool and with
// the system's malloc, and after clear(). Each measurement runs in a separate process.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <unistd.h>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "engine/instance.hpp"
#include "memory/pool.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/child.hpp"
#include "support/growth_check.hpp"
#include "support/run.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using namespace std::chrono_literals;
using model::require;

constexpr unsigned rounds = 60;
constexpr unsigned items_in_round = 100'000;
constexpr unsigned stays_one_in = 40;
constexpr unsigned items_in_transaction = 1000;
/// What a process needs at least, including the chunks that a pool keeps for later.
constexpr std::uint64_t smallest_kib = 16ULL * 1024;

/// How the sizes of the values change from round to round.
struct sequence {
  const char* name;
  std::function<std::size_t(unsigned round, model::random_source& random)> size;
};

const std::array sequences{
    sequence{"growing", [](unsigned round, model::random_source&) { return 100 + 8UL * round; }},
    sequence{"shrinking",
             [](unsigned round, model::random_source&) { return 100 + 8UL * (rounds - round); }},
    sequence{"mixed",
             [](unsigned, model::random_source& random) { return 100 + random.below(500); }},
};

std::string key_of(unsigned round, unsigned item) {
  return std::to_string(1000 + round) + ':' + std::to_string(1'000'000 + item);
}

template <class Function>
void in_transactions(database& db, Function change) {
  for (unsigned first = 0; first < items_in_round; first += items_in_transaction) {
    db.update([&](transaction& tx) {
      for (unsigned item = first; item < first + items_in_transaction; ++item)
        change(tx, item);
    });
  }
}

/// The memory of one process, in KiB.
struct memory_use {
  std::uint64_t peak = 0;
  std::uint64_t kept = 0;     ///< after the rounds
  std::uint64_t cleared = 0;  ///< after clear()
};

/// The database has no threads: what they would free in the background is freed here immediately.
void fill_and_clear(const sequence& sizes, std::uint64_t seed, const child::report& report) {
  model::random_source random(seed);
  database db = engine::database_access::in_memory({}, false);
  engine::maintenance& background = engine::database_access::instance_of(db).maintenance();
  std::uint64_t peak = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    const std::string value(sizes.size(round, random), 'v');
    in_transactions(db,
                    [&](transaction& tx, unsigned item) { tx.set(key_of(round, item), value); });
    peak = std::max(peak, resident_kib(::getpid()));
    in_transactions(db, [&](transaction& tx, unsigned item) {
      if (item % stays_one_in != 0) tx.erase(key_of(round, item));
    });
    background.reclaim_all();
  }
  require(db.stats().items == rounds * items_in_round / stays_one_in, "items are missing");
  report(peak);
  report(resident_kib(::getpid()));
  db.update([](transaction& tx) { tx.clear(); });
  background.reclaim_all();
  report(resident_kib(::getpid()));
}

memory_use measure(const sequence& sizes, std::uint64_t seed, bool with_pool) {
  child process([&](const child::report& report) {
    engine::pool::pool_by_default = with_pool;
    fill_and_clear(sizes, seed, report);
  });
  const auto next = [&process] {
    const std::optional<std::uint64_t> reported = process.next(10min);
    require(reported.has_value(), "the process has ended, or takes too long");
    return *reported;
  };
  memory_use found;
  found.peak = next();
  found.kept = next();
  found.cleared = next();
  require(process.wait() == 0, "the process failed");
  return found;
}

void attack(std::uint64_t seed, figures& counts) {
  if (!engine::pool::pool_by_default) throw skipped("AddressSanitizer replaces the pool");
  const sequence& sizes = sequences.at(seed % sequences.size());
  const memory_use pool = measure(sizes, seed, true);
  const memory_use malloc = measure(sizes, seed, false);
  const std::string name = sizes.name;
  counts.greatest(name + " sizes: KiB at most", pool.peak);
  counts.greatest(name + ": KiB kept", pool.kept);
  counts.greatest(name + ": KiB kept by malloc", malloc.kept);
  counts.greatest(name + ": KiB after clear()", pool.cleared);
  require(pool.kept * 2 <= malloc.kept * 3, name + " sizes: the pool keeps " +
                                                std::to_string(pool.kept) + " KiB, and malloc " +
                                                std::to_string(malloc.kept));
  require(pool.cleared <= std::max(pool.peak / 10, smallest_kib),
          name + " sizes: after clear() there are " + std::to_string(pool.cleared) + " KiB of " +
              std::to_string(pool.peak));
}

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "fragmentation",
              .about = "items of changing sizes, of which a few stay: the pool beside malloc",
              .default_rounds = sequences.size(),
              .parallel = false},
             attack);
}
