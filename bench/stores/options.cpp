#include "stores/options.hpp"

#include <CLI/CLI.hpp>

namespace bench::stores {

options parse_options(int count, char** words) {
  options chosen;
  double seconds = chosen.time.count();
  CLI::App app{"Measures what a request's session costs on each store, in turns; prints medians."};
  app.add_option("--sessions", chosen.sessions, "How many there are in each store")
      ->check(CLI::Range(std::size_t{100}, std::size_t{10'000'000}));
  app.add_option("--seconds", seconds, "Of each measurement")->check(CLI::PositiveNumber);
  add_filter_option(app, chosen);
  add_common_options(app, chosen, "100 sessions, 2 rounds of 0.01 s");
  parse_command_line(app, count, words);
  if (chosen.quick) {
    if (app.count("--sessions") == 0) chosen.sessions = 100;
    if (app.count("--seconds") == 0) seconds = 0.01;
    if (app.count("--repeat") == 0) chosen.repeat = 2;
  }
  chosen.time = std::chrono::duration<double>(seconds);
  return chosen;
}

}  // namespace bench::stores
