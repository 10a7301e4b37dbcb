#include <cstdio>
#include <vector>

#include <sys/sysinfo.h>

#include <buntdb/buntdb.hpp>

#include "api/database_access.hpp"
#include "contenders/all.hpp"
#include "contenders/bunt.hpp"
#include "engine/instance.hpp"
#include "harness/settle.hpp"
#include "limits/dependent_loads.hpp"
#include "report/text.hpp"
#include "tree/node.hpp"
#include "workloads/fill.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

/// Returns whether the sessions, their keys here and the chain of loads fit into memory, with some
/// reserve.
bool fits(std::size_t sessions) {
  struct sysinfo info {};
  sysinfo(&info);
  const double there = static_cast<double>(info.totalram) * info.mem_unit;
  return static_cast<double>(sessions) * 1000 < 0.75 * there;
}

void measure_one(run& at) {
  buntdb::database db = buntdb::database::in_memory();
  const session_data data(at.sessions);
  bunt_connection link(db);
  save_in_batches(link, data, data.size());
  const auto nodes = [&] {
    const auto pinned = buntdb::engine::database_access::instance_of(db).core().pin();
    return pinned.version->keys->level + 1U;
  }();
  at.add("growth: nodes a search visits", ours, unit::count, nodes);
  // Over as much memory, in huge pages like the engine's: the cost of the cache misses, and no
  // more.
  dependent_loads chain(static_cast<std::size_t>(db.stats().memory_bytes),
                        dependent_loads::pages::huge);
  const std::size_t count = at.amount(100'000);
  for (unsigned round = 0; round < at.options.repeat; ++round) {
    const std::vector<token> keys = data.pick(count, 1100 + round);
    const std::vector<save_request> requests = requests_for(data, keys, round);
    settle();
    at.add("growth: find", ours, time_of([&] {
             std::uint64_t sum = 0;
             for (const token& key : keys)
               sum += link.find(key.text());
             consume(sum);
           }),
           count);
    at.add("growth: find", "dependent load", time_of([&] { consume(chain.walk(count)); }), count);
    at.add("growth: overwrite in memory", ours, time_of([&] {
             for (const save_request& request : requests)
               link.save(request);
           }),
           count);
    at.add("growth: overwrite in memory", "dependent load",
           time_of([&] { consume(chain.walk(count)); }), count);
    at.add("growth: ascend 100", ours, time_of([&] {
             std::uint64_t sum = 0;
             for (std::size_t i = 0; i < count / 50; ++i)
               sum += link.ascend(keys[i].text(), 100);
             consume(sum);
           }),
           count / 50);
  }
}

}  // namespace

void measure_growth(const run& any, const std::vector<std::size_t>& sizes) {
  if (!any.wants("growth: find", ours)) return;
  for (const std::size_t sessions : sizes) {
    if (!fits(sessions)) {
      std::fprintf(stderr, "%s sessions: left out, they need more memory than there is\n",
                   count_text(sessions).c_str());
      continue;
    }
    std::fprintf(stderr, "%s sessions: growth\n", count_text(sessions).c_str());
    run one{any.options, any.results, any.folder, sessions};
    measure_one(one);
  }
}

}  // namespace bench
