#include <string>

#include <benchmark/benchmark.h>

#include <buntdb/buntdb.hpp>

#include "harness/session_data.hpp"

// The cost of the engine while everything is in the processor's caches: instructions, locks and
// atomics, without cache misses.

namespace {

constexpr std::size_t few = 1000;

buntdb::database& small_database() {
  static buntdb::database db = buntdb::database::in_memory();
  return db;
}

const bench::session_data& data() {
  static const bench::session_data sessions(few);
  return sessions;
}

void fill(buntdb::database& db) {
  db.update([](buntdb::transaction& tx) {
    for (std::size_t i = 0; i < few; ++i)
      tx.set(data().key(i).text(), data().payload(i), {.ttl = std::chrono::hours(1)});
  });
}

void begin_read(benchmark::State& state) {
  fill(small_database());
  for (auto _ : state)
    benchmark::DoNotOptimize(small_database().begin_read());
}
BENCHMARK(begin_read)->Threads(1)->Threads(2);

void get_cached(benchmark::State& state) {
  fill(small_database());
  const buntdb::snapshot view = small_database().begin_read();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(view.get(data().key(i).text()));
    i = i + 1 == few ? 0 : i + 1;
  }
}
BENCHMARK(get_cached);

void overwrite_in_memory_cached(benchmark::State& state) {
  fill(small_database());
  std::size_t i = 0;
  for (auto _ : state) {
    small_database().set(data().key(i).text(), data().payload(i), {.ttl = std::chrono::hours(1)});
    i = i + 1 == few ? 0 : i + 1;
  }
}
BENCHMARK(overwrite_in_memory_cached);

/// Both indexes are in the order of values; only the second one checks for an equal item.
void overwrite_in_index(benchmark::State& state, bool unique) {
  buntdb::database db = buntdb::database::in_memory();
  db.create_index("values", {.order = {buntdb::by_binary()}, .unique = unique});
  const auto value = [](std::size_t i, std::size_t round) {
    return std::to_string(i) + ':' + std::to_string(round);
  };
  for (std::size_t i = 0; i < few; ++i)
    db.set(data().key(i).text(), value(i, 0));
  std::size_t i = 0, round = 1;
  for (auto _ : state) {
    db.set(data().key(i).text(), value(i, round));
    if (++i == few) {
      i = 0;
      ++round;
    }
  }
}
void overwrite_indexed_cached(benchmark::State& state) {
  overwrite_in_index(state, false);
}
BENCHMARK(overwrite_indexed_cached);
void overwrite_unique_cached(benchmark::State& state) {
  overwrite_in_index(state, true);
}
BENCHMARK(overwrite_unique_cached);

void empty_transaction(benchmark::State& state) {
  for (auto _ : state)
    small_database().update([](buntdb::transaction&) {});
}
BENCHMARK(empty_transaction);

void ascend_100_cached(benchmark::State& state) {
  fill(small_database());
  const buntdb::snapshot view = small_database().begin_read();
  for (auto _ : state) {
    unsigned left = 100;
    std::size_t sum = 0;
    for (const auto [key, value] : view.ascend({.at_least = "M"})) {
      sum += value.size();
      if (--left == 0) break;
    }
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(ascend_100_cached);

}  // namespace
