#include "command_line.hpp"

#include "arguments.hpp"
#include "exit_status.hpp"
#include "help_text.hpp"

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
