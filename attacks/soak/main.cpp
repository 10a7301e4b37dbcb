// A mixed load for any length of time: commits, short-lived items, snapshots, compactions and
// expiry by the background threads, and a kill at the end of each of the process's lives. After
// each life, the file must contain what was acknowledged; during none may memory grow.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <buntdb/database.hpp>

#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/child.hpp"
#include "support/expected.hpp"
#include "support/growth_check.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using namespace std::chrono_literals;
using model::require;

constexpr std::uint64_t history = 20'260'101;
constexpr std::uint64_t reported_every = 32;

void commit_on(database& db, const batch_shape& shape, const child::report& report) {
  for (;;) {
    const std::uint64_t number = commit_next(db, history, shape);
    if (number % reported_every == 0) report(number);
    std::this_thread::sleep_for(50us);
  }
}

/// Items that live for a second or two, so that their number stays about the same.
void expire_on(database& db) {
  model::random_source random(1);
  for (;;) {
    db.update([&](transaction& tx) {
      for (int i = 0; i < 20; ++i) {
        tx.set(std::string(volatile_prefix) + std::to_string(random.below(1'000'000)),
               std::string(random.below(300), 'v'),
               {.ttl = std::chrono::milliseconds(random.below(2000))});
      }
    });
    std::this_thread::sleep_for(5ms);
  }
}

void read_on(const database& db) {
  model::random_source random(2);
  for (;;) {
    const snapshot view = db.begin_read();
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(random.below(200));
    std::uint64_t before = number_in(view);
    do {
      std::uint64_t bytes = 0;
      for (const auto [key, value] : view.ascend())
        bytes += key.size() + value.size();
      if (bytes == 0) std::this_thread::yield();
      require(number_in(view) == before, "a snapshot changes");
      std::this_thread::sleep_for(5ms);
    } while (std::chrono::steady_clock::now() < end);
  }
}

void live(const std::string& path, const batch_shape& shape, const child::report& report) {
  database db = database::open(
      path, {.sync = sync_policy::every_second,
             .compaction = {.growth = 1.5, .at_least_bytes = std::uint64_t{1} << 20U}});
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { commit_on(db, shape, report); });
  threads.emplace_back([&] { commit_on(db, shape, report); });
  threads.emplace_back([&] { expire_on(db); });
  threads.emplace_back([&] { read_on(db); });
}

class soak {
 public:
  explicit soak(std::uint64_t seconds) : seconds_(seconds) {}

  void life(figures& counts) {
    const auto length = std::chrono::seconds(
        std::max<std::uint64_t>(2, lives_++ == 0 ? seconds_ / 2 : seconds_ / 8));
    std::uint64_t acknowledged = 0;
    growth_check memory("KiB of memory", 12 * 1024);
    {
      child process([this](const child::report& report) { live(path_, shape_, report); });
      const auto end = std::chrono::steady_clock::now() + length;
      auto next_sample = std::chrono::steady_clock::now();
      while (std::chrono::steady_clock::now() < end) {
        const auto number = process.next(50ms);
        if (number) acknowledged = std::max(acknowledged, *number);
        if (std::chrono::steady_clock::now() < next_sample) continue;
        next_sample += 100ms;
        memory.add(resident_kib(process.id()));
      }
      process.kill();
      while (const auto number = process.next(0ms))
        acknowledged = std::max(acknowledged, *number);
    }
    require(acknowledged > 0, "nothing was committed");
    memory.require_none(counts);
    const database db = database::open(path_, {.read_only = true});
    const std::uint64_t before = expected_.number();
    const std::uint64_t found =
        expected_.require_shown(db.begin_read(), acknowledged, "after a kill");
    counts.add("kills");
    counts.add("commits", found - before);
    counts.greatest("bytes in the file", db.stats().file_bytes);
  }

 private:
  std::uint64_t seconds_;
  buntstore::testing::temporary_folder folder_;
  std::string path_ = folder_.file("app.db");
  // Items with an expiry expire in the first minutes.
  batch_shape shape_{.expiring = true, .now = clock::system().now()};
  expected_state expected_{history, shape_};
  std::uint64_t lives_ = 0;
};

}  // namespace

int main(int count, char** words) {
  // The length of a life follows from the time limit.
  std::uint64_t seconds = 20;
  for (int i = 1; i + 1 < count; ++i) {
    if (std::string_view(words[i]) == "--seconds")
      seconds = std::strtoull(words[i + 1], nullptr, 10);
  }
  soak lives(seconds);
  return run(count, words,
             {.name = "soak",
              .about = "a mixed load, kills, and memory that must not drift (--seconds N)",
              .default_rounds = 4,
              .parallel = false},
             [&lives](std::uint64_t, figures& counts) { lives.life(counts); });
}
