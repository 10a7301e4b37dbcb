#include <memory>
#include <string>

#include "command_line/commands.hpp"
#include "commands/one_key.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"
#include "text/printable.hpp"

namespace {

struct get_command {
  one_key what;
  bool raw = false;

  exit_status run(output& out) const;
};

exit_status get_command::run(output& out) const {
  const common_options& common = what.common;
  return what.look_up(out, [&](const one_key::found& found) {
    if (common.json) {
      json object;
      put_bytes(object, "key", found.key, common.bytes());
      put_bytes(object, "value", found.value, common.bytes());
      object["ttl_ms"] = ttl_ms(found.ttl);
      out.line(json_line(object));
    } else if (common.base64) {
      out.line(to_base64(found.value));
    } else if (raw || !out.terminal()) {
      out.write(found.value);
    } else {
      out.line(printable(found.value));
    }
  });
}

}  // namespace

void add_get(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("get", "Print a value");
  auto mine = std::make_shared<get_command>();
  mine->what.add_to(*command, "KEY is in base64, and so is what is printed",
                    "print a JSON object: key, value, ttl_ms; null without the key");
  command->add_flag("--raw", mine->raw, "the value's bytes as they are, on a terminal too");
  command->footer(R"(
To a file or a pipe the value's bytes go as they are. On a terminal, bytes that would command it
are printed as \xNN, and \ as \\, with a line end; --raw prints the bytes there, too.
Works while another process has the database open. Exit code 1: there is no such key.

Examples:
  buntdb get app.db user:1
  buntdb get app.db photo:1 > photo.jpg
  buntdb get app.db user:1 --json
  buntdb get app.db --base64 AAEC)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
