#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <buntdb/database.hpp>

#include "harness/histogram.hpp"
#include "harness/timing.hpp"
#include "sites/sites.hpp"

namespace bench::sites {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t payload_size = 200;
/// The threads that are watched sleep between two operations, so that they are no load themselves.
constexpr auto pause = 100us;
constexpr std::size_t batch = 100;

struct stalls {
  histogram times;
  double longest_ns = 0;

  void add(double ns) {
    times.add(static_cast<std::uint64_t>(ns));
    longest_ns = std::max(longest_ns, ns);
  }
};

/// How long the threads that are watched have waited.
struct watched {
  stalls machine;  ///< for two readings of the clock, with nothing in between
  stalls reader;
  stalls writer;
};

std::string session_key(std::uint64_t number) {
  return id_text(number);
}

/// Repeats the operation until a stop is requested, and measures each repetition.
template <class Operation>
std::jthread watch(stalls& into, std::chrono::microseconds rest, Operation operation) {
  return std::jthread([&into, rest, operation](const std::stop_token& stop) mutable {
    while (!stop.stop_requested()) {
      const auto from = clock::now();
      operation();
      into.add(ns_between(from, clock::now()));
      if (rest != 0us) std::this_thread::sleep_for(rest);
    }
  });
}

/// A database of sessions, and the background work during which it is watched.
class busy_site {
 public:
  explicit busy_site(const options& options)
      : options_(options), db_(buntdb::database::open(options.folder / "stalls")) {
    for (std::size_t done = 0; done < options.sessions; done += batch) {
      db_.update([&](buntdb::transaction& tx) {
        for (std::size_t i = done; i < std::min(done + batch, options.sessions); ++i)
          tx.set(session_key(i), payload_, {.ttl = 24h});
      });
    }
  }

  /// Returns how long a reader and a writer wait while the work runs. A writer without rest sets
  /// new sessions, so that the file and the memory grow.
  watched measure(const std::function<void(const std::stop_token&)>& work,
                  std::chrono::microseconds rest) {
    watched seen;
    {
      std::mt19937_64 reads(1);
      std::mt19937_64 writes(2);
      const auto key = [this](std::mt19937_64& random) {
        return session_key(random() % options_.sessions);
      };
      const std::jthread machine = watch(seen.machine, pause, [] {});
      const std::jthread reader = watch(seen.reader, pause, [&, this] { db_.find(key(reads)); });
      const auto key_to_write = [&, this] {
        return rest == 0us ? session_key(options_.sessions + ++added_) : key(writes);
      };
      const std::jthread writer =
          watch(seen.writer, rest, [&, this] { db_.set(key_to_write(), payload_, {.ttl = 24h}); });
      const auto until = clock::now() + std::chrono::duration<double>(options_.seconds);
      std::jthread worker(work);
      while (clock::now() < until)
        std::this_thread::sleep_for(10ms);
    }
    return seen;
  }

  void compute(const std::stop_token& stop) const {
    std::uint64_t sum = 0;
    while (!stop.stop_requested())
      consume(++sum);
  }

  void compact(const std::stop_token& stop) {
    while (!stop.stop_requested())
      db_.compact();
  }

  /// Sets a hundred thousand items that expire within the same second, once.
  void expire(const std::stop_token&) {
    const std::size_t count = options_.amount(100'000);
    const auto end = std::chrono::system_clock::now() + 1500ms;
    for (std::size_t done = 0; done < count; done += batch) {
      db_.update([&](buntdb::transaction& tx) {
        for (std::size_t i = done; i < std::min(done + batch, count); ++i)
          tx.set("short:" + std::to_string(i), payload_, {.expires_at = end});
      });
    }
    std::this_thread::sleep_for(2s);
  }

  void create_index(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      db_.create_index("by value", {.order = {buntdb::by_string()}});
      db_.drop_index("by value");
    }
  }

  /// Runs another writer, without rest.
  void write(const std::stop_token& stop) {
    for (std::uint64_t i = 0; !stop.stop_requested(); ++i)
      db_.set(session_key(i % options_.sessions), payload_, {.ttl = 24h});
  }

  /// Writes another file on the same disk, as another program might.
  void write_another_file(const std::stop_token& stop) const {
    const std::vector<char> block(1U << 20U, 'x');
    const std::filesystem::path path = options_.folder / "another";
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    for (std::size_t i = 0; !stop.stop_requested(); ++i) {
      if (::pwrite(file, block.data(), block.size(), static_cast<off_t>(i % 512 * block.size())) <
          0) {
        break;
      }
      if (i % 64 == 63) ::fdatasync(file);
    }
    ::close(file);
    std::filesystem::remove(path);
  }

 private:
  const options& options_;
  buntdb::database db_;
  std::uint64_t added_ = 0;
  const std::string payload_ = std::string(payload_size, 'v');
};

void print(const char* name, const char* who, const stalls& seen) {
  std::printf("%-28s %-8s %9llu %10.3f %10.3f %10.3f\n", name, who,
              static_cast<unsigned long long>(seen.times.total()),
              seen.times.percentile(0.99) / 1e6, seen.times.percentile(0.9999) / 1e6,
              seen.longest_ns / 1e6);
}

}  // namespace

void measure_stalls(const options& options) {
  busy_site site(options);
  struct activity {
    const char* name;
    std::function<void(const std::stop_token&)> work;
    std::chrono::microseconds rest = pause;
  };
  const std::array<activity, 8> activities{{
      {"nothing", [](const std::stop_token&) {}},
      {"a thread that computes", [&](const std::stop_token& stop) { site.compute(stop); }},
      {"compaction", [&](const std::stop_token& stop) { site.compact(stop); }},
      {"100,000 items expire", [&](const std::stop_token& stop) { site.expire(stop); }},
      {"creation of an index", [&](const std::stop_token& stop) { site.create_index(stop); }},
      {"the file and memory grow", [](const std::stop_token&) {}, 0us},
      {"another thread writes", [&](const std::stop_token& stop) { site.write(stop); }},
      {"another file is written",
       [&](const std::stop_token& stop) { site.write_another_file(stop); }},
  }};
  std::printf(
      "\n%zu sessions: how long operations take, in milliseconds, while something else runs.\n"
      "\"clock\" reads the clock twice: what it waits for is the machine's doing\n",
      options.sessions);
  std::printf("%-28s %-8s %9s %10s %10s %10s\n", "meanwhile", "thread", "samples", "p99", "p99.99",
              "longest");
  for (const activity& each : activities) {
    const watched seen = site.measure(each.work, each.rest);
    print(each.name, "clock", seen.machine);
    print("", "reader", seen.reader);
    print("", "writer", seen.writer);
  }
}

}  // namespace bench::sites
