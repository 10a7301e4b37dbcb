#include "harness/common_options.hpp"

#include <cstdlib>
#include <regex>

#include <CLI/CLI.hpp>

namespace bench {

void add_common_options(CLI::App& app, common_options& chosen, const std::string& quick) {
  app.add_option("--repeat", chosen.repeat, "Rounds, of which the median counts")
      ->check(CLI::Range(1U, 1000U));
  app.add_option("--json", chosen.json_file, "Write all raw figures to this file");
  app.add_option("--label", chosen.label, "Printed with the machine: which state this is");
  app.add_flag("--quick", chosen.quick, quick + ": does it run?");
}

void add_filter_option(CLI::App& app, common_options& chosen) {
  app.add_option("--filter", chosen.filter, "Only what matches, of WORKLOAD/CONTENDER (ECMAScript)")
      ->check([](const std::string& text) -> std::string {
        try {
          static_cast<void>(std::regex(text));
          return {};
        } catch (const std::regex_error& failure) {
          return "not a regular expression: " + std::string(failure.what());
        }
      });
}

void parse_command_line(CLI::App& app, int count, char** words) {
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& failure) {
    std::exit(app.exit(failure) == 0 ? 0 : 2);
  }
}

}  // namespace bench
