#include <string>

#include <benchmark/benchmark.h>

#include "harness/session_data.hpp"
#include "log/batch.hpp"
#include "log/checksum.hpp"
#include "log/encode.hpp"
#include "log/parse.hpp"

// The parts of a save and of a reopen that concern the file, without the file.

namespace {

const bench::session_data& data() {
  static const bench::session_data sessions(1000);
  return sessions;
}

std::string batch_of_one() {
  std::string batch;
  buntdb::log::begin_batch(batch);
  buntdb::log::append_set_expiring(batch, data().key(0).text(), data().payload(0), 1'800'000'000);
  return batch;
}

void encode_batch_of_one(benchmark::State& state) {
  std::string batch;
  for (auto _ : state) {
    batch.clear();
    buntdb::log::begin_batch(batch);
    buntdb::log::append_set_expiring(batch, data().key(0).text(), data().payload(0), 1'800'000'000);
    buntdb::log::finish_batch(batch, 0, {.at = 1000, .number = 10, .synced = 500});
    benchmark::DoNotOptimize(batch.data());
  }
}
BENCHMARK(encode_batch_of_one);

void checksum_of_one(benchmark::State& state) {
  const std::string batch = batch_of_one();
  for (auto _ : state)
    benchmark::DoNotOptimize(buntdb::log::checksum(batch));
}
BENCHMARK(checksum_of_one);

void parse_command_of_one(benchmark::State& state) {
  std::string text;
  buntdb::log::append_set_expiring(text, data().key(0).text(), data().payload(0), 1'800'000'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        buntdb::log::parse_command(text, buntdb::log::window_end::more_follows));
  }
}
BENCHMARK(parse_command_of_one);

}  // namespace
