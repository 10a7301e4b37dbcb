#include "http/driver/options.hpp"

#include <CLI/CLI.hpp>

namespace bench::http {

options parse_options(int count, char** words) {
  options chosen;
  CLI::App app{"Loads the HTTP servers as they are shipped, in turns, and prints medians."};
  app.add_option("--sync", chosen.sync,
                 "Measure the programs of the benchmark with this sync policy, instead of those "
                 "that are shipped")
      ->check(CLI::IsMember({"never", "every_second", "always"}));
  add_common_options(app, chosen, "1 round of loads of 0.3 s, 64 sessions");
  parse_command_line(app, count, words);
  if (chosen.quick) {
    chosen.seconds = 0.3;
    chosen.sessions = 64;
    if (app.count("--repeat") == 0) chosen.repeat = 1;
  }
  return chosen;
}

}  // namespace bench::http
