#include <memory>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "command_line/range_options.hpp"
#include "files/opened.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

struct keys_command {
  common_options common;
  range_options range;

  exit_status run(output& out) const {
    opened file(common.file(), purpose::reading);
    const buntdb::snapshot view = file.database().begin_read();
    range.for_each(view, common, [&](const buntdb::entry& entry) { print(out, entry.key); });
    return exit_status::ok;
  }

  void print(output& out, std::string_view key) const {
    if (common.json) {
      json object;
      put_bytes(object, "key", key, common.bytes());
      out.line(json_line(object));
    } else if (common.base64) {
      out.line(to_base64(key));
    } else {
      out.line(out.terminal() ? printable(key) : key);
    }
  }
};

}  // namespace

void add_keys(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("keys", "Print the keys, in order, one a line");
  auto mine = std::make_shared<keys_command>();
  mine->common.add_file(*command);
  mine->range.add_to(*command);
  mine->common.add_base64(*command, "the keys of options are in base64, and so is what is printed");
  mine->common.add_json(*command, "print a JSON object a line: key, or key_base64 if not UTF-8");
  command->footer(R"(
Keys are compared as bytes. On a terminal, bytes that would command it are printed as \xNN; to a
file or a pipe keys go as they are. For keys that may hold line ends, use --json or --base64.
Works while another process has the database open.

Examples:
  buntdb keys app.db --prefix session: --limit 10
  buntdb keys app.db --from 2024 --to 2025
  buntdb keys app.db --reverse --limit 1)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
