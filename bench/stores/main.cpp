// bench_stores: what a request's session costs on each store, in process. It starts its own Redis
// and PostgreSQL on the loopback interface. docs/choosing-a-store.md has figures.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "harness/machine.hpp"
#include "harness/temporary_folder.hpp"
#include "report/report.hpp"
#include "stores/workloads.hpp"

namespace {

const bench::facts packages{{"Redis", "redis-server"},
                            {"hiredis", "libhiredis-dev"},
                            {"PostgreSQL", "postgresql"},
                            {"libpq", "libpq-dev"}};

const bench::facts setups{
    {"memory", "scs::stores::memory"},
    {"bunt", "scs::stores::bunt on a file: written before a commit returns, synced every second"},
    {"bunt, always", "the same, synced before a commit returns"},
    {"redis", "a server of its own over loopback TCP, without appendonly and snapshots"},
    {"hiredis", "the same commands as the store's, on a connection a thread"},
    {"near_cache", "in front of redis: copies of at most a second"},
    {"postgres", "a server of its own over loopback TCP, fsync off; prepared statements"},
    {"libpq", "the same statements as the store's, on a connection a thread"},
    {"cookie", "sealed with AES-256-GCM, in the visitor's cookie"}};

void measure(const bench::stores::options& options, const std::filesystem::path& folder,
             bench::results& results, bench::stores::servers& started) {
  using namespace bench::stores;
  bench::run requests{options, results, folder, options.sessions};
  std::fprintf(stderr, "requests\n");
  measure_requests(requests, options, started);
  bench::run compared{options, results, folder, std::min<std::size_t>(options.sessions, 1000)};
  std::fprintf(stderr, "redis and hiredis\n");
  measure_redis(compared, options, started);
  std::fprintf(stderr, "postgres and libpq\n");
  measure_postgres(compared, options, started);
}

void run_all(const bench::stores::options& options) {
  const bench::temporary_folder folder(std::filesystem::temp_directory_path());
  bench::run_description description{
      .machine = bench::describe_machine(folder.path(), options.label, packages),
      .setups = setups,
      .sessions = {options.sessions},
      .rounds = options.repeat,
      .other_work = {}};
  bench::results results;
  const bench::other_work others;
  {
    bench::stores::servers started;
    measure(options, folder.path(), results, started);
  }  // after they have ended, their time counts as this process's
  description.other_work = others.so_far();
  bench::print_report(description, results);
  if (!options.json_file.empty()) bench::write_json(options.json_file, description, results);
}

}  // namespace

int main(int count, char** words) {
  try {
    run_all(bench::stores::parse_options(count, words));
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_stores: %s\n", failure.what());
    return 1;
  }
}
