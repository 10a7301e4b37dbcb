#include "harness/options.hpp"

#include <cstdlib>

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
  app.add_option("--repeat", chosen.repeat, "Rounds, of which the median counts")
      ->check(CLI::Range(1U, 1000U));
  app.add_option("--filter", chosen.filter, "Only what matches, of WORKLOAD/CONTENDER (ECMAScript)")
      ->check([](const std::string& text) -> std::string {
        try {
          static_cast<void>(std::regex(text));
          return {};
        } catch (const std::regex_error& failure) {
          return "not a regular expression: " + std::string(failure.what());
        }
      });
  app.add_option("--json", chosen.json_file, "Write all raw figures to this file");
  app.add_option("--folder", chosen.folder, "Keep the database files here, on the disk to measure")
      ->check(CLI::ExistingDirectory);
  app.add_option("--label", chosen.label, "Printed with the machine: which state this is");
  app.add_flag("--quick", chosen.quick, "1,000 sessions, 2 rounds, little work: does it run?");
  app.add_option("--child", child.job)->group("");
  app.add_option("--contender", child.contender)->group("");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    std::exit(app.exit(failure) == 0 ? 0 : 2);
  }
  if (chosen.quick) {
    if (app.count("--sessions") == 0) chosen.sessions = {1000};
    if (app.count("--growth") == 0) chosen.growth = {100, 1000};
    if (app.count("--repeat") == 0) chosen.repeat = 2;
  }
  if (!child.job.empty()) chosen.child = child;
  return chosen;
}

}  // namespace bench
