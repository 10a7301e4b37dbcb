#include "harness/options.hpp"

#include <CLI/CLI.hpp>

namespace bench {

options parse_options(int argc, char** argv) {
  options chosen;
  child_task child;
  CLI::App app{"Measures buntdb and scs beside their peers, interleaved, and prints medians."};
  app.add_option("--sessions", chosen.sessions, "Sizes, separated by commas")
      ->delimiter(',')
      ->check(CLI::Range(std::size_t{100}, std::size_t{100'000'000}));
  app.add_option("--growth", chosen.growth, "Sizes at which growth is measured, with commas")
      ->delimiter(',')
      ->check(CLI::Range(std::size_t{100}, std::size_t{100'000'000}));
  add_filter_option(app, chosen);
  app.add_option("--folder", chosen.folder, "Keep the database files here, on the disk to measure")
      ->check(CLI::ExistingDirectory);
  add_common_options(app, chosen, "1,000 sessions, 2 rounds, little work");
  app.add_option("--child", child.job)->group("");
  app.add_option("--contender", child.contender)->group("");
  parse_command_line(app, argc, argv);
  if (chosen.quick) {
    if (app.count("--sessions") == 0) chosen.sessions = {1000};
    if (app.count("--growth") == 0) chosen.growth = {100, 1000};
    if (app.count("--repeat") == 0) chosen.repeat = 2;
  }
  if (!child.job.empty()) chosen.child = child;
  return chosen;
}

}  // namespace bench
