#include "http/driver/options.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

namespace bench::http {

options parse_options(int count, char** words) {
  options chosen;
  bool quick = false;
  CLI::App app{"Loads the HTTP servers as they are shipped, in turns, and prints medians."};
  app.add_option("--repeat", chosen.rounds, "Rounds, of which the median counts")
      ->check(CLI::Range(1U, 1000U));
  app.add_option("--sync", chosen.sync,
                 "Measure the programs of the benchmark with this sync policy, instead of those "
                 "that are shipped")
      ->check(CLI::IsMember({"never", "every_second", "always"}));
  app.add_option("--json", chosen.json_file, "Write all raw figures to this file");
  app.add_option("--label", chosen.label, "Printed with the machine: which state this is");
  app.add_flag("--quick", quick, "1 round of loads of 0.3 s, 64 sessions: does it run?");
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& failure) {
    std::exit(app.exit(failure) == 0 ? 0 : 2);
  }
  if (quick) {
    chosen.seconds = 0.3;
    chosen.sessions = 64;
    if (app.count("--repeat") == 0) chosen.rounds = 1;
  }
  return chosen;
}

}  // namespace bench::http
