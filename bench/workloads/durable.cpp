#include <array>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include <buntdb/database.hpp>

#include "contenders/bunt.hpp"
#include "harness/parallel.hpp"
#include "limits/bare_file.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

/// One thread that keeps so many commits under way.
void save_asynchronously(buntdb::database& db, const std::vector<save_request>& requests,
                         std::size_t most_under_way) {
  std::deque<std::future<void>> under_way;
  for (const save_request& request : requests) {
    if (under_way.size() == most_under_way) {
      under_way.front().get();
      under_way.pop_front();
    }
    buntdb::transaction tx = db.begin();
    tx.set(request.key, request.value, {.ttl = request.ttl});
    under_way.push_back(tx.commit_async());
  }
  for (std::future<void>& each : under_way)
    each.get();
}

}  // namespace

void measure_durable(run& run) {
  struct crew {
    const char* workload;
    unsigned writers;
  };
  constexpr std::array crews = {crew{"durable save", 1}, crew{"durable save, 16 writers", 16},
                                crew{"durable save, 64 writers", 64}};
  constexpr std::string_view ours = "buntdb, always";
  constexpr std::string_view limit = "write + fdatasync";
  const std::size_t saves = run.amount(320);

  const std::filesystem::path folder = run.folder / "durable";
  std::filesystem::create_directory(folder);
  bunt_contender store(folder, buntdb::sync_policy::always);
  bare_file file(folder / "bare");
  store.open();
  buntdb::database asynchronous =
      buntdb::database::open(folder / "asynchronous.db", {.sync = buntdb::sync_policy::always});
  const session_data data(run.sessions);
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    if (run.wants("durable save", limit)) {
      const timing taken = time_of([&] {
        for (std::size_t i = 0; i < saves; ++i)
          file.append_and_sync();
      });
      run.add("durable save", limit, unit::nanoseconds, taken.wall_ns / static_cast<double>(saves));
    }
    if (run.wants("durable save, 1 thread, 64 under way", ours)) {
      const std::vector<token> keys = data.pick(saves * 8, 900 + round);
      const std::vector<save_request> requests = requests_for(data, keys, round);
      const timing taken = time_of([&] { save_asynchronously(asynchronous, requests, 64); });
      run.add("durable save, 1 thread, 64 under way", ours, unit::nanoseconds,
              taken.wall_ns / static_cast<double>(requests.size()));
    }
    for (const crew& crew : crews) {
      if (!run.wants(crew.workload, ours)) continue;
      const std::size_t each = saves / crew.writers + 1;
      const std::size_t total = each * crew.writers;
      const std::vector<token> keys = data.pick(total, 700 + round);
      const std::vector<save_request> requests = requests_for(data, keys, round);
      const double ns = parallel_ns(crew.writers, [&](unsigned writer) {
        const auto link = store.connect();
        for (std::size_t i = 0; i < each; ++i)
          link->save(requests[writer * each + i]);
      });
      run.add(crew.workload, ours, unit::nanoseconds, ns / static_cast<double>(total));
    }
  }
  store.close();
}

}  // namespace bench
