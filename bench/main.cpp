#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "contenders/all.hpp"
#include "harness/machine.hpp"
#include "harness/options.hpp"
#include "harness/peer.hpp"
#include "harness/run.hpp"
#include "harness/temporary_folder.hpp"
#include "report/report.hpp"
#include "report/text.hpp"
#include "workloads/workloads.hpp"

namespace {

const bench::facts packages{{"LMDB", "liblmdb-dev"},
                            {"LevelDB", "libleveldb-dev"},
                            {"RocksDB", "librocksdb-dev"},
                            {"SQLite", "libsqlite3-dev"},
                            {"Redis", "redis-server"},
                            {"BuntDB (Go)", "golang-github-tidwall-buntdb-dev"},
                            {"bbolt (Go)", "golang-github-coreos-bbolt-dev"},
                            {"Go", "golang-go"}};

void measure(bench::run& run) {
  const auto step = [&](const char* what, void (*measure)(bench::run&)) {
    std::fprintf(stderr, "%s sessions: %s\n", bench::count_text(run.sessions).c_str(), what);
    measure(run);
  };
  // First the measurements that need separate processes, while this process is small.
  step("memory, reopen", bench::measure_footprint);
  step("save, find, overwrite, mixed, ascend, reads beside a writer", bench::measure_key_values);
  step("durable saves", bench::measure_durable);
  step("compact", bench::measure_compaction);
  step("indexes", bench::measure_indexes);
  step("idle indexes", bench::measure_idle_indexes);
  step("session requests", bench::measure_requests);
}

void run_all(const bench::options& options) {
  const bench::temporary_folder folder(options.folder.empty()
                                           ? std::filesystem::temp_directory_path()
                                           : std::filesystem::path(options.folder));
  bench::run_description description{
      .machine = bench::describe_machine(folder.path(), options.label, packages),
      .setups = {},
      .sessions = options.sessions,
      .rounds = options.repeat,
      .other_work = {}};
  for (const auto& contender : bench::all_contenders(folder.path(), 0))
    description.setups.emplace_back(contender->name(), contender->setup());
  if (bench::peer::program().empty()) {
    description.setups.emplace_back("peers in Go",
                                    "not built: there is no Go, or no sources of them");
  } else {
    for (const bench::peer::setup& setup : {bench::go_buntdb, bench::go_bbolt})
      description.setups.emplace_back(setup.name, setup.text);
  }

  bench::results results;
  const bench::other_work others;
  for (const std::size_t sessions : options.sessions) {
    const bench::temporary_folder own(folder.path());
    bench::run run{options, results, own.path(), sessions};
    measure(run);
  }
  bench::measure_growth({options, results, folder.path(), 0}, options.growth);
  description.other_work = others.so_far();
  bench::print_report(description, results);
  if (!options.json_file.empty()) bench::write_json(options.json_file, description, results);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::options options = bench::parse_options(argc, argv);
    options.child ? bench::run_footprint_child(options) : run_all(options);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench: %s\n", failure.what());
    return 1;
  }
}
