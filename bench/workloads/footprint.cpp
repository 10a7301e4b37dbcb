#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "contenders/all.hpp"
#include "harness/child.hpp"
#include "harness/session_data.hpp"
#include "limits/bare_file.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

void print_figure(const char* name, double value) {
  std::printf("%s %.17g\n", name, value);
}

/// Saves all sessions, one commit each, and closes cleanly: the file is there for reopen().
void fill(contender& store, std::size_t sessions) {
  const session_data data(sessions);
  const double before = resident_bytes();
  store.open();
  {
    const auto link = store.connect();
    for (std::size_t i = 0; i < sessions; ++i)
      link->save(data.request(i));
    print_figure("memory_per_session", (resident_bytes() - before) / static_cast<double>(sessions));
  }
  store.close();
}

/// From the beginning of open() to the first session found.
void reopen(contender& store, std::size_t sessions) {
  const session_data data(sessions);
  const double before = resident_bytes();
  const timing taken = time_of([&] {
    store.open();
    if (store.connect()->find(data.key(sessions / 2).text()) == 0) {
      throw std::runtime_error(store.name() + " has lost a session");
    }
  });
  print_figure("reopen", taken.wall_ns);
  print_figure("memory_per_session", (resident_bytes() - before) / static_cast<double>(sessions));
  store.close();
}

}  // namespace

void run_footprint_child(const options& options) {
  const std::size_t sessions = options.sessions.front();
  auto all = all_contenders(options.folder, sessions);
  const auto chosen = std::find_if(all.begin(), all.end(), [&](const auto& one) {
    return one->name() == options.child->contender;
  });
  if (chosen == all.end()) throw std::runtime_error("no contender " + options.child->contender);
  options.child->job == "fill" ? fill(**chosen, sessions) : reopen(**chosen, sessions);
}

void measure_footprint(run& run) {
  constexpr std::string_view memory = "memory per session";
  constexpr std::string_view memory_reopened = "memory per session, reopened";
  constexpr std::string_view opening = "reopen";
  const auto all = all_contenders(run.folder, run.sessions);
  const auto reopens = [&](const contender& one) {
    return one.is_persistent() &&
           (run.wants(opening, one.name()) || run.wants(memory_reopened, one.name()));
  };
  for (const auto& each : all) {
    const bool wanted = run.wants(memory, each->name());
    if (!wanted && !reopens(*each)) continue;
    const auto figures = run_child("fill", each->name(), run.sessions, run.folder);
    if (wanted) run.add(memory, each->name(), unit::bytes, figures.at("memory_per_session"));
  }
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    for (const auto& each : all) {
      if (!reopens(*each)) continue;
      const auto figures = run_child("reopen", each->name(), run.sessions, run.folder);
      // Without processor time: opening may use more than one thread.
      run.add(opening, each->name(), unit::nanoseconds, figures.at("reopen"));
      run.add(memory_reopened, each->name(), unit::bytes, figures.at("memory_per_session"));
    }
    if (run.wants(opening, "read(2)") && reopens(*all.front())) {
      bare_file file(run.folder / "buntdb.db");
      const timing taken = time_of([&] { consume(file.read_all()); });
      run.add(opening, "read(2)", unit::nanoseconds, taken.wall_ns);
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(run.folder))
    std::filesystem::remove_all(entry);
}

}  // namespace bench
