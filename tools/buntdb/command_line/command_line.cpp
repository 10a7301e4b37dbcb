#include "command_line/command_line.hpp"

#include "command_line/arguments.hpp"
#include "help/help_text.hpp"
#include "output/exit_status.hpp"

void parse(CLI::App& app, const std::vector<std::string>& arguments, const std::string& see,
           output& out) {
  try {
    app.parse(std::vector<std::string>(arguments));  // which CLI11 empties
  } catch (const CLI::CallForHelp&) {
    out.write(help_text(app));
  } catch (const CLI::CallForVersion& version) {
    out.line(version.what());
  } catch (const CLI::ParseError& problem) {
    throw usage_error(readable(problem.what()) + " (see " + see + ")");
  }
}
