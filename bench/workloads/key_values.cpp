#include <algorithm>
#include <array>
#include <filesystem>

#include "workloads/arena.hpp"
#include "workloads/workloads.hpp"

namespace bench {

arena::arena(bench::run& run)
    : run_(run),
      data_(run.sessions),
      numbers_file_(run.folder / "numbers"),
      more_numbers_file_(run.folder / "more_numbers"),
      file_(run.folder / "bare") {
  for (auto& contender : all_contenders(run.folder, run.sessions)) {
    competitor made{.name = contender->name(),
                    .is_ordered = contender->is_ordered(),
                    .fills_in_batches = contender->may_fill_in_batches(),
                    .pace = contender->pace(),
                    .store = std::move(contender),
                    .links = {},
                    .peer = {}};
    made.store->open();
    for (unsigned i = 0; i < threads; ++i)
      made.links.push_back(made.store->connect());
    competitors_.push_back(std::move(made));
  }
  if (peer::program().empty()) return;
  data_.write(run.folder / "sessions");
  for (const peer::setup& setup : {go_buntdb, go_bbolt}) {
    competitor made{
        .name = setup.name,
        .is_ordered = true,
        .fills_in_batches = true,
        .pace = setup.pace,
        .store = {},
        .links = {},
        .peer = std::make_unique<bench::peer>(setup, run.folder, run.folder / "sessions")};
    made.peer->ask("open");
    competitors_.push_back(std::move(made));
  }
}

arena::~arena() {
  for (competitor& each : competitors_) {
    each.links.clear();
    if (each.store) each.store->close();
  }
}

namespace {

/// ("-" comes before all tokens.) Contenders with a cache of their own read everything once, so
/// that the first round is like the others.
void warm_up(arena& arena) {
  for (arena::competitor& each : arena.competitors()) {
    if (each.peer || !each.is_ordered) continue;
    for (const auto& link : each.links)
      consume(link->ascend_reading("-", static_cast<unsigned>(arena.data().size())));
  }
}

}  // namespace

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
  warm_up(arena);
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    find_some(arena, round);
    overwrite_some(arena, round);
    mix_finds_and_overwrites(arena, round);
    ascend_some(arena, round);
    read_beside_a_batch_writer(arena, round);
  }
}

}  // namespace bench
