#include <memory>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/interrupts.hpp"
#include "files/opened.hpp"
#include "scans/index_actions.hpp"

namespace {

struct index_command {
  common_options common;
  index_actions actions;

  exit_status run(output& out) const {
    if (actions.lists()) {
      opened file(common.file(), purpose::reading);
      index_actions::list(file.database().begin_read(), common.json, out);
      return exit_status::ok;
    }
    interrupts signals;
    opened file(common.file(), purpose::changing);
    signals.stop_with([] {});  // the rest is completed
    actions.change(file.database());
    file.database().close();
    return exit_status::ok;
  }
};

}  // namespace

void add_index(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("index", "List, create or drop the indexes of a file");
  auto mine = std::make_shared<index_command>();
  mine->common.add_file(*command);
  mine->actions.add_to(*command);
  mine->common.add_json(*command, "list: print a JSON object a line");
  command->footer(R"(
The file keeps the indexes that are created here: every open restores them. list prints each with
the options that create it. list works while another process has the database open; create and drop
need it for themselves: exit code 3. Exit code 1: drop found no such index.
Orderings are those of buntdb ascend --help; without one, an index is in the order of the keys.

Examples:
  buntdb index app.db create ages --by json:age --pattern 'user:*'
  buntdb index app.db create cities --spatial --pattern 'city:*'
  buntdb index app.db list
  buntdb index app.db drop ages)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
