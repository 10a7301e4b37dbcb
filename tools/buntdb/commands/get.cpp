#include <memory>
#include <string>

#include <buntdb/database.hpp>

#include "command_line/arguments.hpp"
#include "command_line/commands.hpp"
#include "files/opened.hpp"
#include "text/base64.hpp"
#include "text/json_text.hpp"

namespace {

struct get_command {
  common_options common;
  std::string key_argument;

  exit_status run(output& out) const {
    const std::string key = common.decoded(key_argument, "KEY");
    opened file(common.file(), purpose::reading);
    const buntdb::snapshot view = file.database().begin_read();
    const auto value = view.get(key);
    if (!value) {
      if (common.json) out.line("null");
      complain(common.file() + " has no key '" + key + "'");
      return exit_status::finding;
    }
    if (common.json) {
      json object;
      put_bytes(object, "key", key, common.bytes());
      put_bytes(object, "value", *value, common.bytes());
      object["ttl_ms"] = ttl_ms(view.ttl(key).value_or(buntdb::forever));
      out.line(object.dump());
    } else if (common.base64) {
      out.line(to_base64(*value));
    } else {
      out.write(*value);
      if (out.terminal()) out.write("\n");
    }
    return exit_status::ok;
  }
};

}  // namespace

void add_get(CLI::App& tool, action& chosen) {
  CLI::App* command = tool.add_subcommand("get", "Print a value");
  auto mine = std::make_shared<get_command>();
  mine->common.add_file(*command);
  command->add_option("KEY", mine->key_argument, "the key")->required()->type_name("");
  mine->common.add_base64(*command, "KEY is in base64, and so is what is printed");
  mine->common.add_json(*command, "print a JSON object: key, value, ttl_ms; null without the key");
  command->footer(R"(
The value's bytes are printed as they are; a line end is added on a terminal only.
Works while another process has the database open. Exit code 1: there is no such key.

Examples:
  buntdb get app.db user:1
  buntdb get app.db photo:1 > photo.jpg
  buntdb get app.db user:1 --json
  buntdb get app.db --base64 AAEC)");
  command->callback([mine, &chosen] { chosen = [mine](output& out) { return mine->run(out); }; });
}
