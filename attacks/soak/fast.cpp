// A day in a quarter of an hour: sessions are made and expire by a clock that runs a hundred times
// as fast, concurrently with snapshots, bursts of readers, compactions and the removal of expired
// items. Once the load has warmed up, neither the memory nor the number of reader slots nor the
// file may grow.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include <buntdb/database.hpp>

#include "api/database_access.hpp"
#include "engine/instance.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/growth_check.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using namespace std::chrono_literals;
using model::require;

constexpr int speed = 100;

class fast_clock final : public buntdb::clock {
 public:
  time_point now() const noexcept override {
    return start_ + (std::chrono::steady_clock::now() - begin_) * speed;
  }

 private:
  const time_point start_ = clock::system().now();
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// By that clock.
constexpr auto idle_timeout = 4min;
constexpr auto arrival = 50ms;       // between two visitors
constexpr unsigned visitors = 5000;  // the most recent visitors, who come again

constexpr unsigned burst = 200;  // versions that are read at the same time
constexpr unsigned threads = 4;

class soak {
 public:
  void run(std::chrono::seconds length, figures& counts) {
    std::vector<std::jthread> load;
    load.emplace_back([this](const std::stop_token& stop) { visit(stop, 1); });
    load.emplace_back([this](const std::stop_token& stop) { visit(stop, 2); });
    load.emplace_back([this](const std::stop_token& stop) { read(stop); });
    load.emplace_back([this](const std::stop_token& stop) { compact(stop); });
    watch(length, counts);
    load.clear();
    require_rest(counts);
  }

 private:
  void visit(const std::stop_token& stop, std::uint64_t seed) {
    model::random_source random(seed);
    while (!stop.stop_requested()) {
      for (int i = 0; i < 10; ++i)
        request(random);
      std::this_thread::sleep_for(200us);
    }
  }

  void request(model::random_source& random) {
    const auto age = clock_.now() - first_;
    const std::uint64_t newest = static_cast<std::uint64_t>(age / arrival) + visitors;
    const std::string key = "session:" + std::to_string(newest - random.below(visitors));
    const set_options life{.ttl = idle_timeout};
    const std::uint64_t kind = random.below(100);
    if (!db_.find(key) || kind < 10) {
      db_.set(key, std::string(100 + random.below(1000), 's'), life);
      ++saves_;
    } else if (kind < 40) {
      db_.update([&](transaction& tx) { tx.set_expiry(key, life); });
      ++touches_;
    } else if (kind < 42) {
      db_.erase(key);
    }
  }

  /// One snapshot that is held for long, one that reads everything, and sometimes a burst.
  void read(const std::stop_token& stop) {
    engine::core& core = engine::database_access::instance_of(db_).core();
    std::optional<snapshot> old;
    for (unsigned round = 0; !stop.stop_requested(); ++round) {
      if (round % 10 == 0) old.emplace(db_.begin_read());
      std::uint64_t bytes = 0;
      const snapshot view = db_.begin_read();
      for (const auto [key, value] : view.ascend())
        bytes += value.size();
      bytes_read_ += bytes;
      if (round % 20 == 5) {
        std::vector<engine::pinned_version> pinned;
        for (unsigned i = 0; i < burst; ++i) {
          pinned.push_back(core.pin());
          slots_.insert(pinned.back().pin.get());
        }
        std::this_thread::sleep_for(10ms);
      }
      std::this_thread::sleep_for(30ms);
    }
  }

  void compact(const std::stop_token& stop) {
    for (unsigned round = 1; !stop.stop_requested(); ++round) {
      std::this_thread::sleep_for(50ms);
      if (round % 40 == 0) db_.compact();
    }
  }

  void watch(std::chrono::seconds length, figures& counts) {
    growth_check memory("KiB of memory", 12 * 1024);
    growth_check reserved("KiB reserved", 4 * 1024);
    growth_check items("items", 500);
    growth_check file("KiB of the file", 4 * 1024);
    const auto end = std::chrono::steady_clock::now() + length;
    while (std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(50ms);
      const statistics now = db_.stats();
      memory.add(resident_kib(::getpid()));
      reserved.add(now.reserved_bytes / 1024);
      items.add(now.items);
      file.add(now.file_bytes / 1024);
      require(now.pinned_versions <= burst + threads, "versions stay pinned");
    }
    counts.add("saves", saves_);
    counts.add("touches", touches_);
    counts.add("compactions", db_.stats().compactions);
    memory.require_none(counts);
    reserved.require_none(counts);
    items.require_none(counts);
    file.require_none(counts);
  }

  /// Requires that everything expires and is removed, and that no version stays pinned, when no
  /// further visitors come.
  void require_rest(figures& counts) {
    // Blocks of slots double in size, and two threads may make one concurrently.
    require(slots_.size() <= 4 * (burst + threads),
            std::to_string(slots_.size()) + " reader slots were used");
    counts.greatest("reader slots", slots_.size());
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (db_.stats().items != 0) {
      require(std::chrono::steady_clock::now() < deadline, "expired items are not removed");
      std::this_thread::sleep_for(10ms);
    }
    require(db_.stats().pinned_versions == 0, "versions stay pinned that nobody reads");
  }

  buntstore::testing::temporary_folder folder_;
  fast_clock clock_;
  const time_point first_ = clock_.now();
  database db_ = database::open(
      folder_.file("app.db"),
      {.compaction = {.growth = 1.5, .at_least_bytes = std::uint64_t{1} << 20U}, .clock = &clock_});
  std::atomic<std::uint64_t> saves_{0};
  std::atomic<std::uint64_t> touches_{0};
  std::atomic<std::uint64_t> bytes_read_{0};
  std::set<const void*> slots_;  // used by the reading thread
};

}  // namespace

int main(int count, char** words) {
  // The one round lasts as long as the time limit.
  std::uint64_t seconds = 20;
  for (int i = 1; i + 1 < count; ++i) {
    if (std::string_view(words[i]) == "--seconds")
      seconds = std::strtoull(words[i + 1], nullptr, 10);
  }
  return run(
      count, words,
      {.name = "soak_fast",
       .about = "sessions by a clock that is a hundred times as fast: a day is --seconds 864",
       .default_rounds = 1,
       .parallel = false},
      [seconds](std::uint64_t, figures& counts) {
        soak().run(std::chrono::seconds(seconds), counts);
      });
}
