// bench_http: the program that scripts/bench --http runs.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include "harness/machine.hpp"
#include "http/driver/measure.hpp"
#include "http/driver/options.hpp"
#include "http/driver/programs.hpp"
#include "http/driver/report.hpp"

namespace {

const bench::facts packages{{"cpp-httplib", "libcpp-httplib-dev"},
                            {"Go", "golang-go"},
                            {"BuntDB (Go)", "golang-github-tidwall-buntdb-dev"},
                            {"wrk", "wrk"}};

void run(const bench::http::options& options) {
  if (std::system("command -v wrk >/dev/null") != 0) {
    throw std::runtime_error("there is no wrk: install it");
  }
  bench::http::run_description description{
      .chosen = options,
      .machine =
          bench::describe_machine(std::filesystem::temp_directory_path(), options.label, packages),
      .programs = bench::http::programs_for(options)};
  bench::results results;
  const bench::other_work others;
  bench::http::measure(options, description.programs, results);
  description.other_work = others.so_far();
  bench::http::print_report(description, results);
  if (!options.json_file.empty()) bench::http::write_json(description, results);
}

}  // namespace

int main(int count, char** words) {
  try {
    run(bench::http::parse_options(count, words));
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_http: %s\n", failure.what());
    return 1;
  }
}
