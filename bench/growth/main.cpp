// bench_growth: what operations cost as the database grows, and beside indexes that do not match.
// `bench_growth [--quick | ITEMS...]`; see docs/performance.md.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <time.h>

#include <buntdb/buntdb.hpp>

#include "api/database_access.hpp"
#include "engine/instance.hpp"
#include "harness/temporary_folder.hpp"
#include "tree/node.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

/// Of this thread: what others do to the machine counts less than in the time that passes.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_since(clock_type::time_point begin) {
  return std::chrono::duration<double>(clock_type::now() - begin).count();
}

/// Nanoseconds of CPU time for each of so many calls.
template <class Function>
double nanoseconds(std::size_t count, Function function) {
  const double begin = cpu_seconds();
  for (std::size_t i = 0; i < count; ++i)
    function(i);
  return (cpu_seconds() - begin) * 1e9 / static_cast<double>(count);
}

std::string key_of(std::uint64_t i) {
  return "item:" + std::to_string(10'000'000 + i);
}

std::string value_of(std::uint64_t i) {
  const std::uint64_t mixed = i * 0x9e3779b97f4a7c15U;
  return "[" + std::to_string(mixed % 100'003) + " " + std::to_string(mixed / 7 % 100'003) + "]";
}

/// A database whose engine can be looked into.
class subject {
 public:
  buntdb::database& operator*() noexcept { return db_; }
  buntdb::database* operator->() noexcept { return &db_; }

  void fill(std::size_t items) {
    db_.update([&](buntdb::transaction& tx) {
      for (std::size_t i = 0; i < items; ++i)
        tx.set(key_of(i), value_of(i));
    });
  }

  /// Levels of the keys tree: a search visits one node of each.
  unsigned key_nodes() {
    const auto pinned = buntdb::engine::database_access::instance_of(db_).core().pin();
    const auto* const keys = pinned.version->keys;
    return keys == nullptr ? 0 : keys->level + 1U;
  }

 private:
  buntdb::database db_ = buntdb::database::in_memory();
};

/// Operations in random order, the same in each run.
std::vector<std::uint32_t> some_of(std::size_t items, std::size_t count) {
  std::mt19937 random(1);
  std::vector<std::uint32_t> chosen(count);
  for (std::uint32_t& one : chosen)
    one = static_cast<std::uint32_t>(random() % items);
  return chosen;
}

double overwrite(buntdb::database& db, const std::vector<std::uint32_t>& chosen) {
  return nanoseconds(chosen.size(),
                     [&](std::size_t i) { db.set(key_of(chosen[i]), value_of(chosen[i] + i)); });
}

void operations(std::size_t items, std::size_t count) {
  const std::vector<std::uint32_t> chosen = some_of(items, count);
  subject db;
  db.fill(items);
  const double get = [&] {
    const buntdb::snapshot view = db->begin_read();
    std::size_t sum = 0;
    const double each =
        nanoseconds(count, [&](std::size_t i) { sum += view.get(key_of(chosen[i]))->size(); });
    return sum == 0 ? 0 : each;
  }();
  const double ascend = [&] {
    const buntdb::snapshot view = db->begin_read();
    std::size_t sum = 0;
    const double each = nanoseconds(count / 10, [&](std::size_t i) {
      const std::string from = key_of(chosen[i]);
      int left = 10;
      for (const auto [key, value] : view.ascend({.at_least = from})) {
        sum += value.size();
        if (--left == 0) break;
      }
    });
    return sum == 0 ? 0 : each;
  }();
  const double set = overwrite(*db, chosen);
  std::printf("%9zu  %5u  %8.0f  %9.0f  %8.0f", items, db.key_nodes(), get, ascend, set);
  unsigned made = 0;
  for (const unsigned others : {1U, 10U, 100U}) {
    for (; made < others; ++made) {
      const std::string name = "other" + std::to_string(made);
      db->create_index(name, {.pattern = name + ":*", .order = {buntdb::by_int()}});
    }
    std::printf("  %8.0f", overwrite(*db, chosen));
  }
  db->create_index("values", {.pattern = "item:*", .order = {buntdb::by_string()}});
  std::printf("  %8.0f", overwrite(*db, chosen));
  db->drop_index("values");
  db->create_spatial_index("map", {.pattern = "item:*"});
  std::printf("  %8.0f\n", overwrite(*db, chosen));
  std::fflush(stdout);
}

/// Sets without a pause, until told to stop; remembers the longest that one took.
class busy_writer {
 public:
  explicit busy_writer(buntdb::database& db)
      : thread_([this, &db] {
          for (std::uint64_t i = 0; !stop_; ++i) {
            const auto begin = clock_type::now();
            db.set("busy", std::to_string(i));
            longest_ = std::max(longest_, seconds_since(begin));
          }
        }) {}
  double stop() {
    stop_ = true;
    thread_.join();
    return longest_;
  }

 private:
  std::atomic<bool> stop_{false};
  double longest_ = 0;
  std::thread thread_;
};

void building(std::size_t items) {
  subject db;
  db.fill(items);
  const auto timed = [](auto function) {
    const auto begin = clock_type::now();
    function();
    return seconds_since(begin);
  };
  const buntdb::index_options ordered{.pattern = "item:*", .order = {buntdb::by_string()}};
  const buntdb::spatial_index_options map{.pattern = "item:*"};
  const double in_transaction =
      timed([&] { db->update([&](auto& tx) { tx.create_index("a", ordered); }); });
  const double map_in_transaction =
      timed([&] { db->update([&](auto& tx) { tx.create_spatial_index("b", map); }); });
  db->drop_index("a");
  db->drop_index("b");
  const double idle_longest = [&] {
    busy_writer writer(*db);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return writer.stop();
  }();
  busy_writer writer(*db);
  const double outside = timed([&] { db->create_index("a", ordered); });
  const double longest = writer.stop();
  busy_writer second(*db);
  const double map_outside = timed([&] { db->create_spatial_index("b", map); });
  const double map_longest = second.stop();
  std::printf("%9zu  %8.3f  %8.3f  %8.3f  %8.2f  %8.3f  %8.2f  %8.2f\n", items, in_transaction,
              map_in_transaction, outside, longest * 1e3, map_outside, map_longest * 1e3,
              idle_longest * 1e3);
  std::fflush(stdout);
}

void opening(std::size_t items) {
  const bench::temporary_folder folder(std::filesystem::temp_directory_path());
  const std::filesystem::path path = folder.path() / "growth.db";
  {
    buntdb::database db = buntdb::database::open(path, {.sync = buntdb::sync_policy::never});
    db.create_index("values",
                    {.pattern = "item:*", .order = {buntdb::by_string()}, .persistent = true});
    for (std::size_t i = 0; i < items;) {
      db.update([&](buntdb::transaction& tx) {
        for (const std::size_t end = std::min(items, i + 1000); i < end; ++i)
          tx.set(key_of(i), value_of(i));
      });
    }
  }
  const double begin = cpu_seconds();
  buntdb::database db = buntdb::database::open(path);
  std::printf("%9zu  %8.0f\n", items, (cpu_seconds() - begin) * 1e9 / static_cast<double>(items));
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::size_t> sizes;
  std::size_t operations_each = 200'000;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(words[i]) == "--quick") {
      sizes = {1000};
      operations_each = 1000;
      continue;
    }
    sizes.push_back(std::strtoull(words[i], nullptr, 10));
    if (sizes.back() == 0) {
      std::fprintf(stderr, "usage: bench_growth [--quick | ITEMS...]\n");
      return 2;
    }
  }
  if (sizes.empty()) sizes = {10'000, 100'000, 1'000'000};

  std::printf(
      "CPU time of one operation in ns, each set in its own commit, in memory; beside indexes that "
      "do\nnot match, then with 100 of these and one that does\n"
      "    items  nodes       get  ascend 10       set  1 other   10 others 100       ordered   "
      "spatial\n");
  for (const std::size_t items : sizes)
    operations(items, operations_each);
  std::printf(
      "\nTime to build an index in seconds; the longest time one write took beside it in ms, and "
      "beside\nnothing\n"
      "    items  in a tx   spatial   outside   longest   spatial   longest   nothing\n");
  for (const std::size_t items : sizes)
    building(items);
  std::printf(
      "\nCPU time to open a file, with an ordered index that is kept, in ns for each item\n"
      "    items   opening\n");
  for (const std::size_t items : sizes)
    opening(items);
  return 0;
}
