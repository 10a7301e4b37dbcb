// What indexes cost when they are not used: sets of keys that no index matches, and a writer while
// an index is built.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <latch>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <buntdb/buntdb.hpp>

#include "contenders/all.hpp"
#include "contenders/bunt.hpp"
#include "harness/settle.hpp"
#include "workloads/fill.hpp"
#include "workloads/index_data.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

constexpr std::string_view overwriting = "idle indexes: overwrite in memory";
constexpr std::string_view building_ordered = "idle indexes: build an ordered one";
constexpr std::string_view building_spatial = "idle indexes: build a spatial one";
constexpr std::string_view longest = "idle indexes: longest set meanwhile";
constexpr std::string_view in_a_transaction = "in a transaction";

/// The number of indexes, and the name of the row.
struct crowd {
  unsigned indexes;
  std::string_view row;
};
constexpr std::array<crowd, 4> crowds{
    {{0, ours}, {1, "beside 1"}, {10, "beside 10"}, {100, "beside 100"}}};

void measure_overwrites(run& run) {
  const session_data data(run.sessions);
  buntdb::database db = buntdb::database::in_memory();
  bunt_connection link(db);
  save_in_batches(link, data, data.size());
  const std::size_t count = run.amount(100'000);
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    const std::vector<token> keys = data.pick(count, 1300 + round);
    const std::vector<save_request> requests = requests_for(data, keys, round);
    unsigned made = 0;
    for (const crowd& beside : crowds) {
      for (; made < beside.indexes; ++made) {
        const std::string name = "idle" + std::to_string(made);
        db.create_index(name, {.pattern = name + ":*", .order = {buntdb::by_int()}});
      }
      if (!run.wants(overwriting, beside.row)) continue;
      settle();
      run.add(overwriting, beside.row, time_of([&] {
                for (const save_request& request : requests)
                  link.save(request);
              }),
              count);
    }
    for (; made > 0; --made)
      db.drop_index("idle" + std::to_string(made - 1));
  }
}

/// Returns the duration of the longest set of one key that a thread makes, without a pause, while
/// work() runs.
template <class Work>
double longest_set_beside(buntdb::database& db, Work work) {
  double found = 0;
  {
    std::latch begun(1);
    const std::jthread writer([&](const std::stop_token& stop) {
      db.set("busy", "0");
      begun.count_down();
      std::uint64_t i = 0;
      do {
        const std::string value = std::to_string(++i);
        found = std::max(found, time_of([&] { db.set("busy", value); }).wall_ns);
      } while (!stop.stop_requested());
    });
    begun.wait();
    work();
  }
  return found;
}

/// Builds an index in a transaction, and then concurrently with a writer, by build(database or
/// transaction).
template <class Build>
void build_twice(run& run, buntdb::database& db, std::string_view workload, std::string_view kind,
                 Build build) {
  settle();
  run.add(workload, in_a_transaction, unit::nanoseconds,
          time_of([&] { db.update([&](buntdb::transaction& tx) { build(tx); }); }).wall_ns);
  db.drop_index("built");
  settle();
  timing taken;
  const double waited = longest_set_beside(db, [&] { taken = time_of([&] { build(db); }); });
  run.add(workload, ours, unit::nanoseconds, taken.wall_ns);
  run.add(longest, kind, unit::nanoseconds, waited);
  db.drop_index("built");
}

void measure_building(run& run) {
  buntdb::database db = buntdb::database::in_memory();
  for (std::size_t i = 0; i < run.sessions;) {
    db.update([&](buntdb::transaction& tx) {
      for (const std::size_t end = std::min(run.sessions, i + 1000); i < end; ++i)
        tx.set("item:" + std::to_string(i), point_text(i));
    });
  }
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    settle();
    run.add(longest, "nothing", unit::nanoseconds, longest_set_beside(db, [] {
              std::this_thread::sleep_for(std::chrono::milliseconds(200));
            }));
    build_twice(run, db, building_ordered, "ordered", [](auto& where) {
      where.create_index("built", {.pattern = "item:*", .order = {buntdb::by_string()}});
    });
    build_twice(run, db, building_spatial, "spatial",
                [](auto& where) { where.create_spatial_index("built", {.pattern = "item:*"}); });
  }
}

}  // namespace

void measure_idle_indexes(run& run) {
  if (std::any_of(crowds.begin(), crowds.end(),
                  [&](const crowd& one) { return run.wants(overwriting, one.row); })) {
    measure_overwrites(run);
  }
  if (run.wants(building_ordered, ours) || run.wants(building_spatial, ours) ||
      run.wants(longest, "ordered")) {
    measure_building(run);
  }
}

}  // namespace bench
