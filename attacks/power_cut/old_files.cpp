#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "log/encode.hpp"
#include "model/random_source.hpp"
#include "power_cut/fates.hpp"
#include "power_cut/judge.hpp"
#include "power_cut/rounds.hpp"

namespace buntdb::attacks {

namespace {

using testing::memory_file_system;

constexpr std::uint64_t block_size = 4096;
constexpr std::uint64_t blocks = 4;
constexpr int states_per_call = 3;

/// Whole commands, as BuntDB writes them.
struct old_file {
  std::string bytes;
  model::state state;
};

void add_relative(old_file& file, const std::string& key, const std::string& value,
                  std::int64_t seconds, const clock& clock) {
  const std::string text = std::to_string(seconds);
  file.bytes += "*5\r\n$3\r\nset\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n$" +
                std::to_string(value.size()) + "\r\n" + value + "\r\n$2\r\nex\r\n$" +
                std::to_string(text.size()) + "\r\n" + text + "\r\n";
  const auto from = std::chrono::floor<std::chrono::seconds>(clock.now());
  file.state[key] = model::stored{
      .value = value,
      .expires = std::chrono::nanoseconds(from.time_since_epoch() + std::chrono::seconds(seconds))
                     .count()};
}

old_file make_file(model::random_source& random, const buntdb::clock& clock, bool is_relative) {
  old_file file;
  const std::uint64_t items = random.below(12);
  for (std::uint64_t i = 0; i < items; ++i) {
    const std::string key = "key " + std::to_string(random.below(8));
    const std::string value(1 + random.below(random.one_in(3) ? 3000 : 100), 'o');
    if (is_relative && random.one_in(2)) {
      add_relative(file, key, value, 100 + static_cast<std::int64_t>(random.below(1000)), clock);
    } else {
      log::append_set(file.bytes, key, value);
      file.state[key] = model::stored{.value = value};
    }
  }
  return file;
}

/// Cuts the power at every call of an open of this file.
void recover(const old_file& file, const std::string& torn, const testing::fake_clock& clock,
             model::random_source& random, figures& counts) {
  const auto disk = std::make_unique<memory_file_system>();
  disk->set_clock(clock);
  disk->put(attacked_path, file.bytes + torn, clock.now());
  const std::vector<model::state> states{file.state};
  const allowed only{states, 0, 0};
  disk->watch([&](const testing::io_record&) {
    counts.add("calls");
    for (int i = 0; i < states_per_call; ++i)
      judge(*cut_power(*disk, random), clock, only, random, counts);
  });
  judge(*disk, clock, only, random, counts, 2);
  counts.add("old files torn");
}

}  // namespace

void old_files(std::uint64_t seed, figures& counts) {
  model::random_source random(seed);
  const testing::fake_clock clock;
  std::string last;
  log::append_set(last, "torn", std::string((blocks + 1) * block_size, 't'));
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const old_file file = make_file(random, clock, block == 0);
    const std::uint64_t size = block * block_size + 1 + random.below(block_size);
    recover(file, last.substr(0, size), clock, random, counts);
  }
}

}  // namespace buntdb::attacks
