#include <algorithm>
#include <array>
#include <filesystem>

#include "workloads/arena.hpp"
#include "workloads/workloads.hpp"

namespace bench {

arena::arena(bench::run& run) : run_(run), data_(run.sessions), file_(run.folder / "bare") {
  for (auto& contender : all_contenders(run.folder, run.sessions)) {
    contender->open();
    auto link = contender->connect();
    competitors_.push_back({std::move(contender), std::move(link)});
  }
}

void measure_key_values(run& run) {
  constexpr std::array workloads = {"save",
                                    "find",
                                    "find, 2 threads",
                                    "overwrite",
                                    "mixed 90/10",
                                    "mixed 90/10, 2 threads",
                                    "ascend 100",
                                    "ascend 100, reading",
                                    "read beside batches"};
  const bool wanted = std::any_of(workloads.begin(), workloads.end(), [&](const char* workload) {
    for (const auto& contender : all_contenders(run.folder, run.sessions)) {
      if (run.wants(workload, contender->name())) return true;
    }
    return false;
  });
  if (!wanted) return;

  arena arena(run);
  save_all(arena);
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    find_some(arena, round);
    overwrite_some(arena, round);
    mix_finds_and_overwrites(arena, round);
    ascend_some(arena, round);
    read_beside_a_batch_writer(arena, round);
  }
  for (arena::competitor& each : arena.competitors()) {
    each.link.reset();
    each.store->close();
  }
}

}  // namespace bench
