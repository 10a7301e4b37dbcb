#include <array>
#include <string>

#include "contenders/bunt.hpp"
#include "harness/parallel.hpp"
#include "limits/bare_file.hpp"
#include "workloads/workloads.hpp"

namespace bench {

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
  const session_data data(run.sessions);
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    if (run.wants("durable save", limit)) {
      const timing taken = time_of([&] {
        for (std::size_t i = 0; i < saves; ++i)
          file.append_and_sync();
      });
      run.add("durable save", limit, unit::nanoseconds, taken.wall_ns / static_cast<double>(saves));
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
