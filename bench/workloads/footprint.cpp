#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "contenders/all.hpp"
#include "contenders/bunt.hpp"
#include "harness/child.hpp"
#include "harness/peer.hpp"
#include "harness/session_data.hpp"
#include "limits/bare_file.hpp"
#include "workloads/fill.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

constexpr std::string_view memory = "memory per session";
constexpr std::string_view memory_reopened = "memory per session, reopened";
constexpr std::string_view opening = "reopen";
constexpr std::string_view opening_compacted = "reopen after compaction";
constexpr std::string_view reading = "read(2)";

void print_figure(const char* name, double value) {
  std::printf("%s %.17g\n", name, value);
}

/// Saves all sessions, for buntdb in one commit each, and closes cleanly: the file is there for
/// reopen().
void fill(contender& store, std::size_t sessions) {
  const session_data data(sessions);
  double before = resident_bytes();
  store.open();
  if (store.resident() < before) before = store.resident();  // of another process
  {
    const auto link = store.connect();
    if (store.may_fill_in_batches()) {
      save_in_batches(*link, data, sessions);
    } else {
      for (std::size_t i = 0; i < sessions; ++i)
        link->save(data.request(i));
    }
    print_figure("memory_per_session", (store.resident() - before) / static_cast<double>(sessions));
  }
  store.close();
}

/// Measures from the beginning of open() to the first session found.
void reopen(contender& store, std::size_t sessions) {
  const session_data data(sessions);
  const double before = resident_bytes();
  std::unique_ptr<connection> link;
  const timing taken = time_of([&] {
    store.open();
    link = store.connect();
    if (link->find(data.key(sessions / 2).text()) == 0) {
      throw std::runtime_error(store.name() + " has lost a session");
    }
  });
  print_figure("reopen", taken.wall_ns);
  print_figure("memory_per_session", (store.resident() - before) / static_cast<double>(sessions));
  link.reset();
  store.close();
}

void compact(const std::filesystem::path& folder) {
  bunt_contender store(folder);
  store.open();
  store.database().compact();
  store.close();
}

/// BuntDB in Go, each time in a new process, with the same steps.
class go_footprint {
 public:
  explicit go_footprint(run& run) : run_(run), sessions_(run.folder / "sessions") {
    session_data(run.sessions).write(sessions_);
  }
  void fill() {
    peer store(go_buntdb, run_.folder, sessions_);
    store.ask("open");
    const double before = store.ask("resident").at("bytes");
    store.ask("fill 0 " + std::to_string(run_.sessions));
    const double after = store.ask("resident").at("bytes");
    if (run_.wants(memory, store.name())) {
      run_.add(memory, store.name(), unit::bytes,
               (after - before) / static_cast<double>(run_.sessions));
    }
    store.ask("close");
  }
  void compact() {
    peer store(go_buntdb, run_.folder, sessions_);
    store.ask("open");
    store.ask("shrink");
    store.ask("close");
  }
  void reopen(std::string_view workload) {
    peer store(go_buntdb, run_.folder, sessions_);
    run_.add(workload, store.name(), unit::nanoseconds,
             store.ask("open " + std::to_string(run_.sessions / 2)).at("wall_ns"));
    store.ask("close");
  }

 private:
  run& run_;
  std::filesystem::path sessions_;
};

void read_file(run& run, std::string_view workload) {
  bare_file file(run.folder / "buntdb.db");
  const timing taken = time_of([&] { consume(file.read_all()); });
  run.add(workload, reading, unit::nanoseconds, taken.wall_ns);
}

}  // namespace

void run_footprint_child(const options& options) {
  const std::size_t sessions = options.sessions.front();
  if (options.child->job == "compact") return compact(options.folder);
  auto all = all_contenders(options.folder, sessions);
  const auto chosen = std::find_if(all.begin(), all.end(), [&](const auto& one) {
    return one->name() == options.child->contender;
  });
  if (chosen == all.end()) throw std::runtime_error("no contender " + options.child->contender);
  options.child->job == "fill" ? fill(**chosen, sessions) : reopen(**chosen, sessions);
}

void measure_footprint(run& run) {
  const auto all = all_contenders(run.folder, run.sessions);
  const auto reopens = [&](const contender& one) {
    return one.is_persistent() &&
           (run.wants(opening, one.name()) || run.wants(memory_reopened, one.name()));
  };
  const bool compacts = run.wants(opening_compacted, ours);
  const bool go_takes_part =
      !peer::program().empty() &&
      (run.wants(memory, go_buntdb.name) || run.wants(opening, go_buntdb.name) ||
       run.wants(opening_compacted, go_buntdb.name));
  for (const auto& each : all) {
    const bool wanted = run.wants(memory, each->name());
    if (!wanted && !reopens(*each) && !(compacts && each == all.front())) continue;
    const auto figures = run_child("fill", each->name(), run.sessions, run.folder);
    if (wanted) run.add(memory, each->name(), unit::bytes, figures.at("memory_per_session"));
  }
  std::optional<go_footprint> go;
  if (go_takes_part) {
    go.emplace(run);
    go->fill();
  }
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    for (const auto& each : all) {
      if (!reopens(*each)) continue;
      const auto figures = run_child("reopen", each->name(), run.sessions, run.folder);
      // Without processor time, because opening may use several threads.
      run.add(opening, each->name(), unit::nanoseconds, figures.at("reopen"));
      run.add(memory_reopened, each->name(), unit::bytes, figures.at("memory_per_session"));
    }
    if (go && run.wants(opening, go_buntdb.name)) go->reopen(opening);
    if (run.wants(opening, reading) && reopens(*all.front())) read_file(run, opening);
  }
  if (compacts) run_child("compact", std::string(ours), run.sessions, run.folder);
  if (go && run.wants(opening_compacted, go_buntdb.name)) go->compact();
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    if (compacts) {
      run.add(opening_compacted, ours, unit::nanoseconds,
              run_child("reopen", std::string(ours), run.sessions, run.folder).at("reopen"));
      if (run.wants(opening_compacted, reading)) read_file(run, opening_compacted);
    }
    if (go && run.wants(opening_compacted, go_buntdb.name)) go->reopen(opening_compacted);
  }
  for (const auto& entry : std::filesystem::directory_iterator(run.folder))
    std::filesystem::remove_all(entry);
}

}  // namespace bench
