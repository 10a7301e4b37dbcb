// sync, settings: commands that need a running server.

#include <memory>
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "live/live_server.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

exit_status sync(const common_options& common, output& out) {
  required_server(common)->ask({"sync"});
  out.line(printable(common.file()) + ": all that was committed is on disk");
  return exit_status::ok;
}

struct settings_command {
  common_options common;
  std::vector<std::string> arguments;

  exit_status run(output& out) const {
    if (arguments.size() % 2 != 0) {
      throw usage_error("settings takes names and values, in pairs: settings FILE sync always");
    }
    std::vector<std::string> request{"settings"};
    for (const std::string& argument : arguments)
      request.push_back(plain(argument));
    const reply now = required_server(common)->ask(request);
    json object;
    for (std::size_t i = 0; i + 1 < now.elements.size(); i += 2) {
      const std::string& name = now.elements[i].text;
      const std::string& value = now.elements[i + 1].text;
      if (common.json) {
        object[name] = value;
      } else {
        out.line(printable(name) + "\t" + printable(value));
      }
    }
    if (common.json) out.line(json_line(object));
    return exit_status::ok;
  }
};

}  // namespace

void add_sync(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("sync", "Have a running server sync its file to the disk");
  auto common = std::make_shared<common_options>();
  common->add_file(*command);
  common->add_via(*command);
  command->footer(R"(
Returns when everything that was committed before is on disk, whatever the sync policy. Needs a
server that has the database open, with a control socket.

Example:
  buntdb sync app.db)");
  command->callback(
      [common, &chosen] { chosen = [common](output& out) { return sync(*common, out); }; });
}

void add_settings(CLI::App& tool, action& chosen) {
  CLI::App* command =
      tool.add_subcommand("settings", "Print or change the settings of a running server");
  auto mine = std::make_shared<settings_command>();
  mine->common.add_file(*command);
  command->add_option("NAME VALUE", mine->arguments, "settings to change, all of them or none")
      ->type_name("");
  mine->common.add_via(*command);
  mine->common.add_json(*command, "print a JSON object: the settings and their values, as texts");
  command->footer(R"(
Prints all settings, as they are then: a name, tab, its value, one a line. Changes last until the
server ends. Needs a server that has the database open, with a control socket.

  sync                       never, every_second or always
  compaction_automatic       yes or no
  compaction_growth          how many times its live items the file may be, such as 2
  compaction_at_least_bytes  how large it must be
  max_memory_bytes           0: without a limit

Examples:
  buntdb settings app.db
  buntdb settings app.db sync always
  buntdb settings app.db compaction_growth 1.5 max_memory_bytes 1073741824)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
